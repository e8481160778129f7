import { expect, it } from 'vitest';
import { scoreInterval, trialsOf } from '../../src/metrics/statistics/score-interval.js';

it("Wilson's interval of 5 in 10 has the bounds of theory", () => {
  // Newcombe, Statistics in Medicine 17 (1998): 0.2366 to 0.7634.
  const { low, high } = scoreInterval(0.5, 10 / 1.959964 ** 2);
  expect(low).toBeCloseTo(0.2366, 4);
  expect(high).toBeCloseTo(0.7634, 4);
});

it.each([0, 0.001, 0.3, 0.5, 0.9, 0.999, 1])(
  'the interval of %d stays in 0..1 and tells its trials',
  (share) => {
    for (const trials of [0.2, 3, 1e5]) {
      const estimate = scoreInterval(share, trials);
      expect(estimate.low).toBeGreaterThanOrEqual(0);
      expect(estimate.low).toBeLessThanOrEqual(share);
      expect(estimate.high).toBeGreaterThanOrEqual(share);
      expect(estimate.high).toBeLessThanOrEqual(1);
      expect(trialsOf(estimate) / trials).toBeCloseTo(1, 5);
    }
  },
);

it('without trials it is unknown', () => {
  expect(scoreInterval(1, Number.NaN).low).toBeNaN();
  expect(scoreInterval(1, Number.NaN).high).toBeNaN();
  expect(trialsOf({ value: 1, low: Number.NaN, high: Number.NaN })).toBeNaN();
});
