import { describe, expect, it } from 'vitest';
import { doubtBy } from '../../scripts/seed/doubt.js';
import { type Point, point } from '../../scripts/seed/judge.js';
import { coverage, halfWidthPercent } from '../../scripts/support/errors-by.js';

/** Latencies of so many passes of a test, off by 0 to `percent`. */
function passesOff(test: number, percent: number, fields: Partial<Point> = {}): readonly Point[] {
  return Array.from({ length: 40 }, (_, i) =>
    point({
      ...{ test, setup: null, model: 'resnet50', pass: i + 1, metric: 'p50', sharing: 'none' },
      ...{ measured: 100, predicted: 100 + (percent * i) / 39, belowSaturation: true, basis: 'predicted' },
      ...fields,
    } as Omit<Point, 'errorPercent'>),
  );
}

describe('the interval of a figure', () => {
  it('reaches as far as errors of the same kind in other tests', () => {
    const doubt = doubtBy([...passesOff(4, 10), ...passesOff(5, 10)]);
    const points = passesOff(4, 10).map((each) => doubt(each));
    expect(coverage(points)).toBeGreaterThanOrEqual(88);
    expect(coverage(points)).toBeLessThanOrEqual(98);
    expect(halfWidthPercent(points[0]!)).toBeGreaterThan(8);
    expect(halfWidthPercent(points[0]!)).toBeLessThan(12);
  });

  it("does not learn from the figure's own test", () => {
    const precise = passesOff(5, 1);
    const without = doubtBy([...precise, ...passesOff(6, 1)]);
    const withOwn = doubtBy([...precise, ...passesOff(6, 1), ...passesOff(4, 1)]);
    const [own] = passesOff(4, 1);
    expect(withOwn(own!)).toEqual(without(own!));
  });

  it('is wider for latencies beside another model on the GPU, of which nothing was measured', () => {
    const doubt = doubtBy([...passesOff(4, 2), ...passesOff(5, 2)]);
    const [alone] = passesOff(10, 0);
    const [shared] = passesOff(10, 0, { sharing: 'gpu' });
    expect(halfWidthPercent(doubt(alone!))).toBeLessThan(5);
    expect(halfWidthPercent(doubt(shared!))).toBeGreaterThan(20);
  });
});
