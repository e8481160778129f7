import { mean, sampleVariance } from 'simple-statistics';
import { lag1Autocorrelation } from './autocorrelation.js';
import { quantileOfSorted } from './quantiles.js';
import { studentTQuantile } from './student-t.js';
import type { Estimate } from './summary.js';

const CONFIDENCE = 0.95;
/** Batches tried first; halved by merging neighbours while they are correlated. */
const MOST_BATCHES = 32;
const FEWEST_BATCHES = 8;
/** A batch of fewer values says too little about anything. */
const VALUES_PER_BATCH = 10;
/** Batches more alike than this are one long excursion: the run is too short to tell. */
const HIGHEST_CORRELATION = 0.7;

/** A tail seen in fewer of the batches is a few bursts, of which nobody knows how typical they are. */
export const FEWEST_MOMENTS = 5;

/** How uncertain a mean is: its standard error and the degrees of freedom behind it (0: unknown). */
export interface Uncertainty {
  readonly standardError: number;
  readonly degrees: number;
}

/** A figure whose interval cannot be told. */
export function unknownInterval(value: number): Estimate {
  return { value, low: Number.NaN, high: Number.NaN };
}

/**
 * The larger distance from the value to an end of its interval: the other end may be cut, where no rate is below
 * zero and no share above one. NaN where there is no interval.
 */
export function halfWidthOf({ value, low, high }: Estimate): number {
  return Math.max(high - value, value - low);
}

/** `value` with the 95 % Student interval of that uncertainty. */
export function withUncertainty(value: number, uncertainty: Uncertainty): Estimate {
  const half = halfWidth(uncertainty);
  return { value, low: value - half, high: value + half };
}

function halfWidth({ standardError, degrees }: Uncertainty): number {
  return studentTQuantile((1 + CONFIDENCE) / 2, degrees) * standardError;
}

/** Of the mean of independent values, such as one figure of each of several replications. */
export function independentUncertainty(values: number[]): Uncertainty {
  if (values.length < 2) return { standardError: Number.NaN, degrees: 0 };
  return { standardError: Math.sqrt(sampleVariance(values) / values.length), degrees: values.length - 1 };
}

/** Student's interval knows no sign, but rates, latencies, shares and costs are never below zero. */
export function notNegative({ value, low, high }: Estimate): Estimate {
  return { value, low: Math.max(0, low), high };
}

/** Mean over independent replications, of a figure that is never negative, with its interval; NaN bounds for a single one. */
export function replicationEstimate(values: number[]): Estimate {
  if (values.length === 0) return unknownInterval(Number.NaN);
  return notNegative(withUncertainty(mean(values), independentUncertainty(values)));
}

/** Batches for a run of `count` values: 32, 16, 8, or 0 when there are too few values for any. */
export function batchCount(count: number): number {
  let batches = MOST_BATCHES;
  while (batches >= FEWEST_BATCHES && count < batches * VALUES_PER_BATCH) batches /= 2;
  return batches >= FEWEST_BATCHES ? batches : 0;
}

/** Where a batch of a series of that length begins, and the one before it ends: lengths differ by at most one value. */
export function batchStart(batch: number, batches: number, length: number): number {
  return Math.floor((batch * length) / batches);
}

/**
 * Of the mean of consecutive batches of one run (batch means; Law, Simulation Modeling and Analysis,
 * 9.5.3). While neighbouring batches are significantly correlated they are merged in pairs, down to 8;
 * correlation that is left widens the error as for a first-order autoregression (Steiger et al.,
 * ASAP3, 2005), and batches that stay strongly correlated tell nothing. On M/M/1 waits the intervals
 * hold the truth in 95 % of long runs; a run of only a few busy periods looks steadier than it is, and
 * replications are the honest way there.
 */
export function batchUncertainty(batches: number[]): Uncertainty {
  const count = batches.length;
  if (count < FEWEST_BATCHES) return { standardError: Number.NaN, degrees: 0 };
  // The sample autocorrelation of independent values is -1/count on average.
  const correlation = lag1Autocorrelation(batches) + 1 / count;
  if (correlation > 1.645 / Math.sqrt(count) && count >= 2 * FEWEST_BATCHES) {
    return batchUncertainty(mergePairs(batches));
  }
  if (correlation > HIGHEST_CORRELATION) return { standardError: Number.NaN, degrees: 0 };
  const { standardError, degrees } = independentUncertainty(batches);
  const positive = Math.max(0, correlation);
  return { standardError: standardError * Math.sqrt((1 + positive) / (1 - positive)), degrees };
}

function mergePairs(batches: number[]): number[] {
  return Array.from({ length: batches.length >>> 1 }, (_, i) => (batches[2 * i]! + batches[2 * i + 1]!) / 2);
}

/** Means of `batches` consecutive parts of a series, which differ in length by at most one value. */
export function batchMeans(series: ArrayLike<number>, batches: number): number[] {
  return batchMeansOf(series.length, batches, (i) => series[i]!);
}

function batchMeansOf(length: number, batches: number, valueAt: (i: number) => number): number[] {
  const means: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const start = batchStart(batch, batches, length);
    const end = batchStart(batch + 1, batches, length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += valueAt(i);
    means.push(sum / (end - start));
  }
  return means;
}

/** Mean of a series in order of time, with its batch-means interval; NaN when empty. */
export function meanEstimate(series: ArrayLike<number>): Estimate {
  if (series.length === 0) return unknownInterval(Number.NaN);
  const value = batchMeans(series, 1)[0]!;
  return withUncertainty(value, batchUncertainty(batchMeans(series, batchCount(series.length))));
}

/**
 * The `p` quantile (0..1) of a series in order of time; `sorted` holds the same values ascending. Its
 * interval runs between the quantiles at p ± h, where h is the batch-means half width of the share of
 * values above it (Woodruff, JASA 47, 1952, with the error taken from batches). Unlike quantiles of
 * batches it needs no batch to be long enough to show the quantile. It is unknown where p ± h leaves
 * 0..1, or where the values above (below) come from a few moments of the run only.
 */
export function quantileEstimate(series: ArrayLike<number>, sorted: ArrayLike<number>, p: number): Estimate {
  const value = quantileOfSorted(sorted, p);
  if (series.length < FEWEST_BATCHES * VALUES_PER_BATCH) return unknownInterval(value);
  const max = sorted[sorted.length - 1]!;
  if (sorted[0] === max) return { value, low: value, high: value };
  // Where many values share the maximum, none is above it and no quantile can be higher.
  const isAbove = value === max ? (i: number) => series[i]! >= max : (i: number) => series[i]! > value;
  const above = batchMeansOf(series.length, batchCount(series.length), (i) => (isAbove(i) ? 1 : 0));
  const half = halfWidth(batchUncertainty(above));
  const moments = above.filter((share) => (p >= 0.5 ? share > 0 : share < 1)).length;
  const known = p - half >= 0 && (p + half <= 1 || value === max) && moments >= FEWEST_MOMENTS;
  if (!known) return unknownInterval(value);
  return { value, low: quantileOfSorted(sorted, p - half), high: quantileOfSorted(sorted, p + half) };
}

/**
 * Share of ones in a series of zeros and ones in order of time, with its batch-means interval within
 * 0..1. Where all are the same, the bound away from them is the exact one for independent trials
 * (Clopper & Pearson 1934).
 */
export function shareEstimate(series: ArrayLike<number>): Estimate {
  const { value, low, high } = meanEstimate(series);
  const margin = 1 - ((1 - CONFIDENCE) / 2) ** (1 / series.length);
  if (value === 1) return { value, low: 1 - margin, high: 1 };
  if (value === 0) return { value, low: 0, high: margin };
  return { value, low: Math.max(0, low), high: Math.min(1, high) };
}

/** Events per second from their counts in equal slices of `sliceS` seconds, with the interval over the slices. */
export function rateEstimate(counts: number[], sliceS: number): Estimate {
  const rates = counts.map((count) => count / sliceS);
  if (rates.length === 0) return unknownInterval(Number.NaN);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const value = total / (sliceS * counts.length);
  if (total < FEWEST_BATCHES * VALUES_PER_BATCH) return unknownInterval(value);
  return notNegative(withUncertainty(value, batchUncertainty(rates)));
}
