import type { Random } from '../../base/random.js';

/** Inferences per request: always the same, or drawn from a weighted list, request by request. */
export type BatchSizes = number | readonly WeightedBatchSize[];

export interface WeightedBatchSize {
  readonly batchSize: number;
  /** Relative to the other weights; they need not add up to 1. */
  readonly weight: number;
}

/** Draws batch sizes in a time that does not depend on the length of the list. */
export interface BatchSizeSampler {
  next(random: Random): number;
}

export function largestBatchSize(sizes: BatchSizes): number {
  if (typeof sizes === 'number') return sizes;
  return sizes.reduce((largest, { batchSize }) => Math.max(largest, batchSize), 0);
}

/**
 * A sampler by the alias method: columns of equal height, each with at most two sizes in it (Walker
 * 1977; the table is built as in Vose 1991, "A linear algorithm for generating random numbers with a
 * given distribution").
 */
export function batchSizeSampler(sizes: BatchSizes): BatchSizeSampler {
  if (typeof sizes === 'number') return { next: () => sizes };
  const batchSizes = Uint16Array.from(sizes, ({ batchSize }) => batchSize);
  const { threshold, alias } = aliasTable(sizes);
  return {
    next(random) {
      const column = random.nextInt(batchSizes.length);
      return batchSizes[random.next() < threshold[column]! ? column : alias[column]!]!;
    },
  };
}

/** Column i holds size i up to `threshold[i]` and size `alias[i]` above. */
interface AliasTable {
  readonly threshold: Float64Array;
  readonly alias: Uint32Array;
}

function aliasTable(sizes: readonly WeightedBatchSize[]): AliasTable {
  const total = totalWeight(sizes);
  const threshold = Float64Array.from(sizes, ({ weight }) => (weight / total) * sizes.length);
  const alias = Uint32Array.from(sizes, (_, i) => i);
  const columns = Array.from(threshold.keys());
  const low = columns.filter((i) => threshold[i]! < 1);
  const high = columns.filter((i) => threshold[i]! >= 1);
  while (low.length > 0 && high.length > 0) {
    const filled = low.pop()!;
    const donor = high[high.length - 1]!;
    alias[filled] = donor;
    threshold[donor]! -= 1 - threshold[filled]!;
    if (threshold[donor]! < 1) low.push(high.pop()!);
  }
  for (const rest of [...low, ...high]) threshold[rest] = 1;
  return { threshold, alias };
}

function totalWeight(sizes: readonly WeightedBatchSize[]): number {
  return sizes.reduce((sum, { weight }) => sum + weight, 0);
}
