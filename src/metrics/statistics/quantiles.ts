import { joined } from '../../base/joined.js';

/**
 * The `p` quantile (0..1) of ascending values: linear between the two order statistics around rank
 * (n - 1) p, counted from 0. That is definition 7 of Hyndman & Fan, "Sample quantiles in statistical
 * packages", The American Statistician 50 (1996), the default of R, NumPy and spreadsheets. NaN when
 * there are no values.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  return quantileOfRanked(sorted.length, (rank) => sorted[rank], p);
}

/** The same of `count` values of which those of single ranks can be asked for; undefined: there is no such rank. */
export function quantileOfRanked(
  count: number,
  valueAt: (rank: number) => number | undefined,
  p: number,
): number {
  const position = (count - 1) * Math.min(1, Math.max(0, p));
  const below = Math.floor(position);
  const low = valueAt(below);
  if (low === undefined) return Number.NaN;
  const high = valueAt(below + 1) ?? low;
  return low + (high - low) * (position - below);
}

/** A sorted copy of `values` without those that are NaN. */
export function sortedValues(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** The values of all parts in one ascending order, NaN last. */
export function sortedTogether(parts: readonly Float64Array[]): Float64Array {
  return joined(parts).sort();
}

/** Quantiles of unsorted values, one for each of `probabilities` (0..1); NaN values are left out. */
export function quantiles(values: Float64Array, probabilities: readonly number[]): number[] {
  const sorted = sortedValues(values);
  return probabilities.map((p) => quantileOfSorted(sorted, p));
}
