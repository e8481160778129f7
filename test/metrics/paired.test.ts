import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { comparePaired } from '../../src/metrics/statistics/paired.js';
import { ar1 } from './log-builder.js';

const names = { what: 'p99 latency', unit: 'ms', nameA: 'today', nameB: 'shared' } as const;

describe('paired comparison', () => {
  it('agrees with a paired t-test worked by hand', () => {
    // Differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t = 3.464 with 2 degrees of freedom.
    const { difference, pValue, significant } = comparePaired({
      ...names,
      a: [10, 20, 30],
      b: [11, 22, 33],
      pairs: 'replications',
    });
    expect(difference.value).toBe(2);
    expect(pValue).toBeCloseTo(0.0742, 4);
    expect(difference.low).toBeCloseTo(2 - 4.3027 / Math.sqrt(3), 3);
    expect(significant).toBe(false);
  });

  it('sees a small difference that common arrivals share and independent runs would drown', () => {
    const random = new Random(1, 2, 3);
    const load = Array.from(ar1(0, 10, random), (value) => 100 + 20 * value);
    const noise = ar1(0, 10, random);
    const b = load.map((value, i) => value + 2 + 0.5 * noise[i]!);
    const comparison = comparePaired({ ...names, a: load, b, pairs: 'replications' });
    expect(comparison.significant).toBe(true);
    expect(comparison.statement).toMatch(/^p99 latency: shared is .* ms \(\+.* %\) higher than today/);
  });

  it('calls placements that do not differ different in about 5 of 100 cases', () => {
    const random = new Random(4, 5, 6);
    let called = 0;
    for (let i = 0; i < 400; i++) {
      const [a, b] = [[...ar1(0, 8, random)], [...ar1(0, 8, random)]];
      if (comparePaired({ ...names, a, b, pairs: 'replications' }).significant) called++;
    }
    expect(called / 400).toBeGreaterThan(0.02);
    expect(called / 400).toBeLessThan(0.08);
  });

  it('allows for correlation between batches of one run', () => {
    const random = new Random(7, 8, 9);
    let called = 0;
    for (let i = 0; i < 300; i++) {
      const a = new Array<number>(32).fill(0);
      if (comparePaired({ ...names, a, b: [...ar1(0.5, 32, random)], pairs: 'batches' }).significant)
        called++;
    }
    expect(called / 300).toBeLessThan(0.12);
  });

  it('says so when the two are equal, always differ by the same, or cannot be told apart', () => {
    const compare = (a: number[], b: number[]) => comparePaired({ ...names, a, b, pairs: 'replications' });
    expect(compare([1, 2], [1, 2]).statement).toBe('p99 latency: today and shared are equal.');
    expect(compare([1, 2, 3], [2, 3, 4])).toMatchObject({ pValue: 0, significant: true });
    expect(compare([4], [3]).statement).toContain('1 pair is too few');
    expect(compare([], []).statement).toContain('no pair');
    expect(compare([1, 5, 2], [5, 1, 3]).statement).toContain('do not differ significantly');
  });

  it('says the same of the two the other way round', () => {
    const random = new Random(10, 11, 12);
    for (let i = 0; i < 50; i++) {
      const [a, b] = [[...ar1(0, 6, random)], [...ar1(0, 6, random)]];
      const there = comparePaired({ ...names, a, b, pairs: 'replications' });
      const back = comparePaired({ ...names, a: b, b: a, pairs: 'replications' });
      expect(back.difference.value).toBeCloseTo(-there.difference.value, 12);
      expect(back.difference.low).toBeCloseTo(-there.difference.high, 12);
      expect(back.pValue).toBeCloseTo(there.pValue, 12);
    }
  });

  it('is as sure of the whole, in proportion, as of its parts, and hardly where those differ the other way', () => {
    const of = (whole?: { a: number; b: number }) =>
      comparePaired({
        ...names,
        a: [10, 20, 30],
        b: [11, 22, 33],
        pairs: 'replications',
        ...(whole && { whole }),
      });
    const parts = of();
    const same = of({ a: 20, b: 24 });
    expect(same.difference.value).toBe(4);
    expect(same.relativePercent).toBe(20);
    expect(same.difference.high - 4).toBeCloseTo(2 * (parts.difference.high - 2), 9);
    expect(same.pValue).toBeCloseTo(parts.pValue, 9);
    const other = of({ a: 20, b: 18 });
    expect(other.difference.value).toBe(-2);
    expect(other.difference.high).toBeGreaterThan(parts.difference.high);
    expect(other.pValue).toBeGreaterThan(0.5);
  });

  it('leaves out pairs with a figure that is not finite', () => {
    const { difference } = comparePaired({
      ...names,
      a: [1, Number.NaN, 3, 4],
      b: [2, 2, Number.POSITIVE_INFINITY, 6],
      pairs: 'replications',
    });
    expect(difference.value).toBe(1.5);
  });
});
