import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchMixture } from '../../../src/calibrate/traffic/batch-mixture.js';
import { fitLine } from '../../../src/calibrate/weighted-line.js';

describe('the batch of a mean request', () => {
  it('is exact for Poisson numbers that are at least 1', () => {
    for (const mu of [0.1, 1, 3, 8]) {
      expect(batchMixture(mu / -Math.expm1(-mu)).perRequest).toBeCloseTo(1 + mu, 6);
    }
  });

  it('is at most that of batches of 1 and of the largest size alone', () => {
    // As many of 1 as of 3 are 2 in the mean: (1 + 9) / (1 + 3).
    expect(batchMixture(2, { most: 3, elasticity: 0.9 }).perRequest).toBeCloseTo(2.5, 9);
    expect(batchMixture(4, { most: 4 }).perRequest).toBe(4);
    expect(batchMixture(5, { most: 4 }).perRequest).toBe(5);
  });

  it('spreads the more, the more a larger batch lengthens the next, but not without end', () => {
    const excess = (elasticity: number) => batchMixture(3, { elasticity }).perRequest - 3;
    expect(excess(0.6) / excess(0)).toBeCloseTo(1 / (1 - 0.36), 9);
    expect(excess(1)).toBe(excess(0.95));
  });

  it('is 1 where counters tell of fewer requests than executions', () => {
    expect(batchMixture(0.9, { elasticity: 0.9 })).toEqual({ perExecution: 0.9, perRequest: 1 });
  });

  it('lies between the mean batch and the largest', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 64, noNaN: true }), (mean) => {
        const { perRequest } = batchMixture(mean, { most: 64, elasticity: 0.5 });
        expect(perRequest).toBeGreaterThanOrEqual(mean - 1e-9);
        expect(perRequest).toBeLessThanOrEqual(64 + 1e-9);
      }),
    );
  });
});

describe('a fitted line', () => {
  it('passes through points that lie on one', () => {
    const line = fitLine([1, 2, 4].map((x) => ({ x, y: 3 + 2 * x, weight: x })));
    expect(line.intercept).toBeCloseTo(3, 9);
    expect(line.slope).toBeCloseTo(2, 9);
    expect(line.halfWidthAt(3)).toBeCloseTo(0, 6);
  });

  it('has no part below 0 and is the best such line', () => {
    const points = fc.array(
      fc.record({
        x: fc.integer({ min: 1, max: 8 }),
        y: fc.double({ min: 0, max: 10, noNaN: true }),
        weight: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(points, fc.double({ min: 0, max: 10 }), fc.double({ min: 0, max: 10 }), (given, a, b) => {
        const error = (intercept: number, slope: number) =>
          given.reduce((total, { x, y, weight }) => total + weight * (y - intercept - slope * x) ** 2, 0);
        const { intercept, slope } = fitLine(given);
        expect(Math.min(intercept, slope)).toBeGreaterThanOrEqual(0);
        if (!Number.isNaN(a + b)) expect(error(intercept, slope)).toBeLessThanOrEqual(error(a, b) + 1e-6);
      }),
    );
  });
});
