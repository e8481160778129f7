import type { CacheCounts, LoadCounts } from '../simulator/result.js';

/** Share of a model's requests that the response cache answers, 0..1: an answer that another kept first is no miss, and yet was executed. */
export function hitShare({ hits, executed }: Pick<CacheCounts, 'hits' | 'executed'>): number {
  return hits / (hits + executed);
}

/** Share of a model's requests that find it loaded, 0..1. */
export function foundLoadedShare({ hits, misses }: Pick<LoadCounts, 'hits' | 'misses'>): number {
  return hits / (hits + misses);
}
