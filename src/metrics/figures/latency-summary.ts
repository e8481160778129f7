import { notNegative, type SeriesFigures, seriesFigures } from '../statistics/intervals.js';
import { OrderStatistics, type RankedTimes } from '../statistics/order-statistics.js';
import { quantileEstimates } from '../statistics/quantile-estimates.js';
import { Scratch } from '../statistics/scratch.js';
import { type Estimate, type LatencySummary, PERCENTILES } from '../summary.js';

/**
 * Mean, largest and percentiles of latencies in microseconds, in order of planned arrival.
 * @param sloPercentile one more than those that every summary has
 */
export function latencyOf(
  latencyUs: Float64Array,
  scratch = new Scratch(),
  figures = seriesFigures(latencyUs),
  sloPercentile?: number,
): LatencySummary {
  return rankedLatency(new OrderStatistics(latencyUs, scratch), figures, sloPercentile);
}

/** The same of latencies in any form. */
export function rankedLatency(
  order: RankedTimes,
  figures: SeriesFigures,
  sloPercentile?: number,
): LatencySummary {
  const further = PERCENTILES.some((percentile) => percentile === sloPercentile) ? [] : [sloPercentile];
  const percentiles = [...PERCENTILES, ...further].filter((percentile) => percentile !== undefined);
  const shares = percentiles.map((percentile) => percentile / 100);
  const estimates = quantileEstimates(order, shares, figures.effect);
  return {
    mean: inMs(notNegative(figures.mean)),
    max: order.max / 1000,
    percentiles: percentiles.map((percentile, i) => ({ percentile, ms: inMs(estimates[i]!) })),
  };
}

/** A figure in microseconds, in milliseconds. */
export function inMs({ value, low, high }: Estimate): Estimate {
  return { value: value / 1000, low: low / 1000, high: high / 1000 };
}
