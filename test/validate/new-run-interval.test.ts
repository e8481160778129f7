import { describe, expect, it } from 'vitest';
import { normal } from '../../src/base/distributions.js';
import { RandomStreams } from '../../src/base/random.js';
import { newRunInterval } from '../../src/validate/new-run-interval.js';

interface Trial {
  readonly replications: number;
  readonly repeats: number;
  /** Standard deviation between live runs, that between replications being 1. */
  readonly liveDeviation: number;
  readonly profileError?: number;
}

/** Share of trials in which the mean of the live runs lies in its interval. */
function coverage({ replications, repeats, liveDeviation, profileError = 0 }: Trial): number {
  const random = new RandomStreams('coverage').get(`${replications} ${repeats} ${liveDeviation}`);
  const trials = 4000;
  let inside = 0;
  for (let trial = 0; trial < trials; trial++) {
    const centre = 100 + normal(random, 0, profileError);
    const predicted = Array.from({ length: replications }, () => normal(random, centre, 1));
    const measured = Array.from({ length: repeats }, () => normal(random, 100, liveDeviation));
    const { low, high } = newRunInterval({ predicted, measured, profileError });
    const mean = measured.reduce((sum, value) => sum + value, 0) / repeats;
    if (mean >= low && mean <= high) inside++;
  }
  return inside / trials;
}

describe('the interval for new runs holds 90 to 98 % of them', () => {
  it.each([
    { replications: 5, repeats: 1, liveDeviation: 1 },
    { replications: 20, repeats: 1, liveDeviation: 1 },
    { replications: 5, repeats: 3, liveDeviation: 1 },
    { replications: 10, repeats: 3, liveDeviation: 1 },
    { replications: 30, repeats: 3, liveDeviation: 1 },
    { replications: 10, repeats: 5, liveDeviation: 1 },
    { replications: 3, repeats: 3, liveDeviation: 1 },
    { replications: 1, repeats: 3, liveDeviation: 1 },
  ])(
    'where the server varies as the simulator does: $replications replications, $repeats repeats',
    (trial) => {
      expect(coverage(trial)).toBeGreaterThanOrEqual(0.9);
      expect(coverage(trial)).toBeLessThanOrEqual(0.98);
    },
  );

  it.each([1.5, 2, 4, 50])('where the server varies %s times as much', (liveDeviation) => {
    const share = coverage({ replications: 10, repeats: 3, liveDeviation });
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.98);
  });

  it('where the profile is off by a known error as well', () => {
    const share = coverage({ replications: 10, repeats: 3, liveDeviation: 1, profileError: 2 });
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.98);
  });
});

it('a single live run gets the prediction interval of the textbook', () => {
  const predicted = [10, 11, 12, 13, 14];
  const { value, low, high } = newRunInterval({ predicted, measured: [12.5] });
  // t(0.975, 4) = 2.776, s = √2.5.
  const half = 2.7764451 * Math.sqrt(2.5) * Math.sqrt(1 + 1 / 5);
  expect([value, low, high]).toEqual([12, expect.closeTo(12 - half, 5), expect.closeTo(12 + half, 5)]);
});

it('is unknown where neither side has two runs, and a point where nothing varies', () => {
  expect(newRunInterval({ predicted: [10], measured: [10] })).toEqual({
    value: 10,
    low: Number.NaN,
    high: Number.NaN,
  });
  expect(newRunInterval({ predicted: [], measured: [10] }).value).toBeNaN();
  expect(newRunInterval({ predicted: [3, 3, 3], measured: [3, 3] })).toEqual({ value: 3, low: 3, high: 3 });
  const { low, high } = newRunInterval({ predicted: [3, 3], measured: [3], profileError: 1 });
  expect([low, high]).toEqual([expect.closeTo(3 - 1.96, 2), expect.closeTo(3 + 1.96, 2)]);
});

it('figures that a run does not have are left out', () => {
  const all = newRunInterval({ predicted: [1, 2, 3], measured: [2, 3] });
  const gaps = newRunInterval({ predicted: [1, Number.NaN, 2, 3], measured: [Number.NaN, 2, 3] });
  expect(gaps).toEqual(all);
});

it('a counted figure is known to one request at best', () => {
  const counted = newRunInterval({ predicted: [100, 100, 100], measured: [99.9, 99.9], resolution: 0.1 });
  expect([counted.low, counted.high]).toEqual([expect.closeTo(99.9, 9), expect.closeTo(100.1, 9)]);
});
