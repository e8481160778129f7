import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Occupancy } from '../../src/metrics/figures/occupancy.js';

describe('Occupancy', () => {
  it('gives the mean number present in each slice and the number at each edge', () => {
    const occupancy = new Occupancy({ fromUs: 100, toUs: 140, slices: 4 });
    occupancy.add(105, 125);
    occupancy.add(110, Number.POSITIVE_INFINITY);
    occupancy.add(0, 100);
    expect(occupancy.means()).toEqual([0.5, 2, 1.5, 1]);
    expect(occupancy.atEdges()).toEqual([0, 2, 2, 1, 1]);
  });

  it('agrees with adding up interval by interval', () => {
    const time = fc.integer({ min: -20, max: 140 });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time)), fc.integer({ min: 1, max: 7 }), (pairs, slices) => {
        const occupancy = new Occupancy({ fromUs: 0, toUs: 105, slices });
        const intervals = pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
        for (const [start, end] of intervals) occupancy.add(start, end);
        const width = 105 / slices;
        occupancy.means().forEach((mean, i) => {
          const overlaps = intervals.map(([s, e]) =>
            Math.max(0, Math.min(e, (i + 1) * width) - Math.max(s, i * width)),
          );
          expect(mean).toBeCloseTo(overlaps.reduce((sum, us) => sum + us, 0) / width, 9);
        });
        expect(occupancy.atEdges()[0]).toBe(intervals.filter(([s, e]) => s <= 0 && e > 0).length);
        expect(occupancy.atEdges().at(-1)).toBe(intervals.filter(([s, e]) => s <= 105 && e > 105).length);
      }),
    );
  });

  it('ignores what has no beginning or was over before it began', () => {
    const occupancy = new Occupancy({ fromUs: 0, toUs: 10, slices: 2 });
    occupancy.add(Number.NaN, 5);
    occupancy.add(3, Number.NaN);
    occupancy.add(8, 7);
    expect(occupancy.means()).toEqual([0, 0]);
  });
});
