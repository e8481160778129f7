import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/base/histogram.js';

const latencyUs = fc.double({ min: 0.001, max: 8e10, noNaN: true });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function rankOf(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(p * sorted.length)) - 1]!;
}

describe('LatencyHistogram', () => {
  it('gives any quantile within 0.2 % of the exact order statistic, from 1 ns to a day', () => {
    fc.assert(
      fc.property(
        fc.array(latencyUs, { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const exact = rankOf(values, p);
          expect(Math.abs(histogramOf(values).quantile(p) - exact)).toBeLessThanOrEqual(0.002 * exact);
        },
      ),
    );
  });

  it('keeps a single value within half a bucket, 0.1 %', () => {
    for (let us = 0.001; us < 8e10; us *= 1.37) {
      const histogram = histogramOf([us, us * 1e-3, us * 1e3]);
      expect(Math.abs(histogram.quantile(0.5) / us - 1)).toBeLessThan(0.001);
    }
  });

  it('keeps count, sum, smallest and largest exactly', () => {
    const histogram = histogramOf([3, 1.5, 1000.25]);
    expect([histogram.count, histogram.sumUs, histogram.minUs, histogram.maxUs]).toEqual([
      3, 1004.75, 1.5, 1000.25,
    ]);
    expect(histogram.meanUs).toBeCloseTo(334.9166, 3);
  });

  it('is the same whether two halves are merged or recorded together', () => {
    fc.assert(
      fc.property(fc.array(latencyUs), fc.array(latencyUs), (a, b) => {
        const merged = histogramOf(a);
        merged.merge(histogramOf(b));
        const together = histogramOf([...a, ...b]);
        expect(merged.count).toBe(together.count);
        expect(merged.maxUs).toBe(together.maxUs);
        for (const p of [0, 0.3, 0.5, 0.99, 1]) expect(merged.quantile(p)).toBe(together.quantile(p));
      }),
      { numRuns: 30 },
    );
  });

  it('takes 0 and times beyond its range into its first and last bucket without losing them', () => {
    const histogram = histogramOf([0, 1e15]);
    expect(histogram.count).toBe(2);
    expect(histogram.quantile(0)).toBeLessThan(0.001);
    expect(histogram.maxUs).toBe(1e15);
  });

  it('has no quantile, mean or extreme when empty, also after being cleared', () => {
    const histogram = histogramOf([5]);
    histogram.clear();
    expect([histogram.count, histogram.sumUs]).toEqual([0, 0]);
    expect([histogram.quantile(0.5), histogram.meanUs, histogram.minUs, histogram.maxUs]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
  });

  it('counts the records up to a limit as the quantile function inverts it', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(histogram.countUpTo(500) / 1000).toBeCloseTo(0.5, 2);
    expect(histogram.countUpTo(1e9)).toBe(1000);
    expect(histogram.countUpTo(0.5)).toBe(0);
  });
});
