import { notNegative, quantileEstimate, type SeriesFigures } from './statistics/intervals.js';
import { type Estimate, type LatencySummary, PERCENTILES } from './summary.js';

/**
 * Mean, largest and percentiles of latencies in microseconds, in order of planned arrival.
 * @param sloPercentile one more than those that every summary has
 */
export function summarizeLatency(
  latenciesUs: Float64Array,
  figures: SeriesFigures,
  sloPercentile: number | undefined,
): LatencySummary {
  const sorted = latenciesUs.slice().sort();
  const further = PERCENTILES.some((percentile) => percentile === sloPercentile) ? [] : [sloPercentile];
  return {
    mean: inMs(notNegative(figures.mean)),
    max: (sorted.at(-1) ?? Number.NaN) / 1000,
    percentiles: [...PERCENTILES, ...further]
      .filter((percentile) => percentile !== undefined)
      .map((percentile) => ({
        percentile,
        ms: inMs(quantileEstimate(latenciesUs, sorted, percentile / 100, figures)),
      })),
  };
}

/** A figure in microseconds, in milliseconds. */
export function inMs({ value, low, high }: Estimate): Estimate {
  return { value: value / 1000, low: low / 1000, high: high / 1000 };
}
