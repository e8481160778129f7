import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileOfSorted, quantiles, sortedValues } from '../../src/metrics/statistics/quantiles.js';

describe('quantiles', () => {
  it('interpolates linearly between order statistics (definition 7 of Hyndman & Fan)', () => {
    const sorted = [1, 2, 4, 8];
    expect(quantileOfSorted(sorted, 0)).toBe(1);
    expect(quantileOfSorted(sorted, 0.25)).toBe(1.75);
    expect(quantileOfSorted(sorted, 0.5)).toBe(3);
    expect(quantileOfSorted(sorted, 0.9)).toBeCloseTo(6.8, 12);
    expect(quantileOfSorted(sorted, 1)).toBe(8);
  });

  it('of a single value is that value, of none NaN', () => {
    expect(quantileOfSorted([7], 0.99)).toBe(7);
    expect(quantileOfSorted([], 0.5)).toBeNaN();
  });

  it('sorts numerically, leaves NaN out and the input as it was', () => {
    const values = Float64Array.of(10, 9, Number.NaN, 100);
    expect([...sortedValues(values)]).toEqual([9, 10, 100]);
    expect(values[0]).toBe(10);
    expect(quantiles(values, [0, 0.5, 1])).toEqual([9, 10, 100]);
  });

  it('never decreases in p and stays between smallest and largest', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (xs, p, q) => {
          const [low, high] = quantiles(Float64Array.from(xs), [Math.min(p, q), Math.max(p, q)]);
          expect(low!).toBeLessThanOrEqual(high! + 1e-6);
          expect(low!).toBeGreaterThanOrEqual(Math.min(...xs));
          expect(high!).toBeLessThanOrEqual(Math.max(...xs));
        },
      ),
    );
  });
});
