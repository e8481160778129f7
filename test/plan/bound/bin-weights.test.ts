import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binWeights } from '../../../src/plan/bound/bin-weights.js';
import { cases } from '../../support/cases.js';

/** Sizes that fill a bin exactly or nearly so, where weights jump. */
const sizeArbitrary = fc.oneof(
  fc.double({ min: 1e-3, max: 1, noNaN: true }),
  fc
    .tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(-1e-12, 0, 1e-12),
    )
    .map(([part, whole, off]) => Math.min(1, Math.min(part, whole) / whole + off)),
);

/** Items by bins, each put into the first that has room. */
function firstFit(sizes: readonly number[]): number[][] {
  const bins: { free: number; readonly items: number[] }[] = [];
  for (const [item, size] of sizes.entries()) {
    const bin = bins.find(({ free }) => size <= free);
    if (bin === undefined) bins.push({ free: 1 - size, items: [item] });
    else {
      bin.free -= size;
      bin.items.push(item);
    }
  }
  return bins.map(({ items }) => items);
}

describe('weights of items for bins', () => {
  it('are at most 1 together in any bin that holds its items', () => {
    fc.assert(
      fc.property(fc.array(sizeArbitrary, { minLength: 1, maxLength: 40 }), (sizes) => {
        const bins = firstFit(sizes);
        for (const row of binWeights(sizes)) {
          for (const bin of bins)
            expect(bin.reduce((sum, item) => sum + row[item]!, 0)).toBeLessThanOrEqual(1 + 1e-6);
        }
      }),
      { numRuns: cases(500) },
    );
  });

  it('know that items larger than half a bin need one each', () => {
    const sums = (sizes: readonly number[]) =>
      binWeights(sizes).map((row) => row.reduce((sum, weight) => sum + weight, 0));
    expect(Math.max(...sums([0.51, 0.6, 0.55, 0.9]))).toBeCloseTo(4, 9);
    expect(Math.max(...sums([0.34, 0.34, 0.34, 0.34]))).toBeCloseTo(2, 9);
    expect(sums([0.25, 0.25, 0.5])).toEqual([1]);
  });
});
