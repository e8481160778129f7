import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchShares,
  kolmogorovSmirnov,
  largestShareError,
  wasserstein1,
} from '../../src/validate/distances.js';

const sample = fc
  .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 })
  .map((values) => Float64Array.from(values).sort());

describe('distances of distributions', () => {
  it('are those of a brute-force search over all values', () => {
    const share = (values: Float64Array, at: number) =>
      values.filter((value) => value <= at).length / values.length;
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const grid = Array.from({ length: 21 }, (_, at) => Math.abs(share(a, at) - share(b, at)));
        expect(kolmogorovSmirnov(a, b)).toBeCloseTo(Math.max(...grid), 12);
        expect(wasserstein1(a, b)).toBeCloseTo(
          grid.reduce((sum, gap) => sum + gap, 0),
          9,
        );
      }),
    );
  });

  it('are 0 of a sample from itself, symmetric, and shift with it', () => {
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 1, max: 50 }), (a, b, shift) => {
        expect(kolmogorovSmirnov(a, a)).toBe(0);
        expect(wasserstein1(a, a)).toBe(0);
        expect(wasserstein1(a, b)).toBeCloseTo(wasserstein1(b, a), 12);
        const moved = a.map((value) => value + shift);
        expect(wasserstein1(a, moved)).toBeCloseTo(shift, 9);
      }),
    );
  });

  it('are unknown for an empty sample, and NaN does not hang them', () => {
    expect(kolmogorovSmirnov([], [1])).toBeNaN();
    expect(wasserstein1([1], [])).toBeNaN();
    expect(kolmogorovSmirnov([1, Number.NaN], [2])).toBe(0.5);
  });
});

it('batch shares are of all executions of their side, in percent', () => {
  const shares = batchShares([0, 3, 1], [0, 2, 0, 2]);
  expect(shares).toEqual([
    { batchSize: 1, measuredPercent: 75, predictedPercent: 50 },
    { batchSize: 2, measuredPercent: 25, predictedPercent: 0 },
    { batchSize: 3, measuredPercent: 0, predictedPercent: 50 },
  ]);
  expect(largestShareError(shares)).toBe(50);
});
