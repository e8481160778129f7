import { SAME_US } from '../same-latency.js';
import type { Estimate } from '../summary.js';
import type { DesignEffect } from './effective-trials.js';
import { isKnownQuantile, quantileHalf, unknownInterval } from './intervals.js';
import type { RankedTimes } from './order-statistics.js';

/**
 * The quantile of each share of `ps` (0..1) with its interval, in one pass over the series for all of them: a sweep
 * asks for the same quantiles of every tenant of every point.
 */
export function quantileEstimates(
  order: RankedTimes,
  ps: readonly number[],
  effect: DesignEffect,
): Estimate[] {
  const values = order.quantiles(ps);
  if (order.batches === 0) return values.map(unknownInterval);
  const { max } = order;
  if (max - order.min <= SAME_US) return values.map((value) => ({ value, low: value, high: value }));
  // Where many values share the maximum, those that reach it count, as none is above it.
  const isMax = values.map((value) => max - value <= SAME_US);
  const limits = values.map((value, i) => (isMax[i] ? max - SAME_US : value + SAME_US));
  const shares = sharesAbove(order, limits);
  const halves = shares.map((above, i) => quantileHalf(above, order.count, ps[i]!, effect));
  const lows = order.quantiles(ps.map((p, i) => p - halves[i]!));
  const highs = order.quantiles(ps.map((p, i) => p + halves[i]!));
  return ps.map((p, i) => {
    const value = values[i]!;
    const known = isKnownQuantile(p, halves[i]!, isMax[i]!);
    return known ? { value, low: lows[i]!, high: highs[i]! } : unknownInterval(value);
  });
}

/** For each limit the share of values above it, in each of the batches. */
function sharesAbove(order: RankedTimes, limits: readonly number[]): number[][] {
  const ascending = Float64Array.from(limits).sort();
  // Of equal limits the last is the one that counts go past.
  const places = limits.map((limit) => ascending.lastIndexOf(limit));
  const counted = order.countBetween(ascending);
  return places.map((place) => counted.map((counts) => sumFrom(counts, place + 1) / sumFrom(counts, 0)));
}

function sumFrom(counts: Float64Array, from: number): number {
  let sum = 0;
  for (let k = from; k < counts.length; k++) sum += counts[k]!;
  return sum;
}
