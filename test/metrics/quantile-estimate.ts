import { SAME_US } from '../../src/metrics/same-latency.js';
import {
  batchCount,
  batchMeans,
  isKnownQuantile,
  quantileHalf,
  type SeriesFigures,
  seriesFigures,
  unknownInterval,
} from '../../src/metrics/statistics/intervals.js';
import { quantileOfSorted } from '../../src/metrics/statistics/quantiles.js';
import type { Estimate } from '../../src/metrics/summary.js';

/**
 * The `p` quantile (0..1) of a series in order of time; `sorted` holds the same values ascending. What
 * `quantileEstimates` gives, told one by one from all values in order.
 */
export function quantileEstimate(
  series: ArrayLike<number>,
  sorted: ArrayLike<number>,
  p: number,
  { effect }: Pick<SeriesFigures, 'effect'> = seriesFigures(series),
): Estimate {
  const value = quantileOfSorted(sorted, p);
  const batches = batchCount(series.length);
  if (batches === 0) return unknownInterval(value);
  const max = sorted[sorted.length - 1]!;
  if (max - sorted[0]! <= SAME_US) return { value, low: value, high: value };
  // Where many values share the maximum, none is above it and no quantile can be higher.
  const isMax = max - value <= SAME_US;
  const limit = isMax ? max - SAME_US : value + SAME_US;
  const isAbove = new Uint8Array(series.length);
  for (let i = 0; i < series.length; i++) {
    if (series[i]! > limit) isAbove[i] = 1;
  }
  const above = batchMeans(isAbove, batches);
  const half = quantileHalf(above, series.length, p, effect);
  if (!isKnownQuantile(p, half, isMax)) return unknownInterval(value);
  return { value, low: quantileOfSorted(sorted, p - half), high: quantileOfSorted(sorted, p + half) };
}
