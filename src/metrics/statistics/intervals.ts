import { mean, sampleSkewness, sampleVariance } from 'simple-statistics';
import type { Estimate } from '../summary.js';
import { type DesignEffect, effectiveTrials, UNKNOWN_EFFECT } from './effective-trials.js';
import { scoreInterval } from './score-interval.js';
import { studentTQuantile } from './student-t.js';

const CONFIDENCE = 0.95;
/** Batches tried first; halved by merging neighbours while they are correlated. */
const MOST_BATCHES = 32;
const FEWEST_BATCHES = 8;
/** A batch of fewer values says too little about anything. */
const VALUES_PER_BATCH = 10;
/** Batches more alike than this are one long excursion: the run is too short to tell. */
const HIGHEST_CORRELATION = 0.7;
/** Below this the correction for skewness is lost in rounding. */
const LEAST_SKEW = 1e-6;

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
 * 9.5.3), of which neighbours are merged while they are correlated. Correlation that is left widens the error as for a
 * first-order autoregression (Steiger et al., ASAP3, 2005), and batches that stay strongly correlated tell nothing.
 */
export function batchUncertainty(batches: number[]): Uncertainty {
  return uncertaintyOf(mergeCorrelated(batches));
}

/** Merges neighbours in pairs while they are significantly correlated, down to 8. */
function mergeCorrelated(batches: number[]): number[] {
  const count = batches.length;
  const isMerged = count >= 2 * FEWEST_BATCHES && correlationOf(batches) > 1.645 / Math.sqrt(count);
  return isMerged ? mergeCorrelated(mergePairs(batches)) : batches;
}

/** The sample autocorrelation of independent values is -1/count on average. */
function correlationOf(batches: number[]): number {
  return lag1Autocorrelation(batches) + 1 / batches.length;
}

/**
 * Lag-1 autocorrelation: the sum of products of neighbouring deviations from the mean over the sum of
 * their squares. 0 where all values are the same.
 */
function lag1Autocorrelation(values: number[]): number {
  const center = mean(values);
  let products = 0;
  let squares = 0;
  let previous = 0;
  for (const value of values) {
    const deviation = value - center;
    products += deviation * previous;
    squares += deviation * deviation;
    previous = deviation;
  }
  return squares === 0 ? 0 : products / squares;
}

function uncertaintyOf(batches: number[]): Uncertainty {
  if (batches.length < FEWEST_BATCHES) return { standardError: Number.NaN, degrees: 0 };
  const correlation = correlationOf(batches);
  if (correlation > HIGHEST_CORRELATION) return { standardError: Number.NaN, degrees: 0 };
  const { standardError, degrees } = independentUncertainty(batches);
  const positive = Math.max(0, correlation);
  return { standardError: standardError * Math.sqrt((1 + positive) / (1 - positive)), degrees };
}

/**
 * `value`, the mean of such batches, with its 95 % interval. That reaches further to the side to which the batches are skewed, by
 * Johnson's t in the form of Willink, "A confidence interval and test for the mean of an asymmetric distribution" (Communications in
 * Statistics 34, 2005), which Tafazzoli, Steiger & Wilson put on batch means (N-Skart, IEEE Trans. Automatic Control 56, 2011): a
 * short run has seen few of the busy spells that lift the mean, and most often fewer than is typical.
 */
function batchEstimate(value: number, batches: number[]): Estimate {
  const merged = mergeCorrelated(batches);
  const uncertainty = uncertaintyOf(merged);
  if (!(uncertainty.standardError > 0)) return withUncertainty(value, uncertainty);
  const skew = sampleSkewness(merged) / (6 * Math.sqrt(merged.length));
  const t = halfWidth({ ...uncertainty, standardError: 1 });
  const below = skewedQuantile(t, skew);
  const above = skewedQuantile(-t, skew);
  return {
    value,
    low: value - below * uncertainty.standardError,
    high: value - above * uncertainty.standardError,
  };
}

/** Willink's G, the inverse of Johnson's transformation; the quantile itself where there is no skewness to tell. */
function skewedQuantile(t: number, skew: number): number {
  if (Math.abs(skew) < LEAST_SKEW) return t;
  return (Math.cbrt(1 + 6 * skew * (t - skew)) - 1) / (2 * skew);
}

function mergePairs(batches: number[]): number[] {
  return Array.from({ length: batches.length >>> 1 }, (_, i) => (batches[2 * i]! + batches[2 * i + 1]!) / 2);
}

/** Means of `batches` consecutive parts of a series, which differ in length by at most one value. */
export function batchMeans(series: ArrayLike<number>, batches: number): number[] {
  const means: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const start = batchStart(batch, batches, series.length);
    const end = batchStart(batch + 1, batches, series.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += series[i]!;
    means.push(sum / (end - start));
  }
  return means;
}

/** Mean of a whole series; NaN when it is empty. */
export function seriesMean(series: ArrayLike<number>): number {
  return batchMeans(series, 1)[0]!;
}

/** A series in order of time: its mean, and how much less one of its values says than an independent one would. */
export interface SeriesFigures {
  readonly mean: Estimate;
  readonly effect: DesignEffect;
}

/** Both from batch means; the mean of an empty series is NaN. */
export function seriesFigures(series: ArrayLike<number>): SeriesFigures {
  if (series.length === 0) return { mean: unknownInterval(Number.NaN), effect: UNKNOWN_EFFECT };
  const value = seriesMean(series);
  let squares = 0;
  for (let i = 0; i < series.length; i++) squares += (series[i]! - value) * (series[i]! - value);
  return seriesFiguresOf(value, batchMeans(series, batchCount(series.length)), squares, series.length);
}

/**
 * The same of a series that is not there any more.
 * @param value its mean
 * @param means of consecutive batches of it
 * @param squares sum of the squares of its values' distances from the mean
 */
export function seriesFiguresOf(
  value: number,
  means: number[],
  squares: number,
  count: number,
): SeriesFigures {
  return { mean: batchEstimate(value, means), effect: effectOf(means, squares, count) };
}

function effectOf(means: number[], squares: number, count: number): DesignEffect {
  if (means.length === 0) return UNKNOWN_EFFECT;
  if (squares === 0) return { factor: 1, degrees: means.length - 1 };
  const { standardError, degrees } = batchUncertainty(means);
  return { factor: Math.max(1, (standardError * count) ** 2 / squares), degrees };
}

/** Mean of a series in order of time, with its batch-means interval; NaN when empty. */
export function meanEstimate(series: ArrayLike<number>): Estimate {
  return seriesFigures(series).mean;
}

/**
 * Half width in shares of the interval of the `p` quantile of `count` values, of which `above` are the shares above it in batches: it
 * runs between the quantiles at p ± half (Woodruff, JASA 47, 1952), where half is the error that the share above the true quantile has
 * in as many {@link effectiveTrials}. Unlike quantiles of batches it needs no batch to be long enough to show the quantile.
 */
export function quantileHalf(above: number[], count: number, p: number, effect: DesignEffect): number {
  return Math.sqrt((p * (1 - p)) / effectiveTrials(batchUncertainty(above), mean(above), count, effect));
}

/** Whether p ± half is inside of 0..1: else the values beyond it come from too few moments of the run to tell. */
export function isKnownQuantile(p: number, half: number, isMax: boolean): boolean {
  return p - half >= 0 && (p + half <= 1 || isMax);
}

/**
 * Share of ones in a series of zeros and ones in order of time, with Wilson's interval for as many {@link effectiveTrials}, a way that
 * Korn & Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated from survey data"
 * (Survey Methodology 24, 1998) took with Clopper and Pearson's. It needs no miss to be told.
 * @param effect that of the latencies behind the series
 */
export function shareEstimate(series: ArrayLike<number>, effect: DesignEffect): Estimate {
  const means = batchMeans(series, batchCount(series.length));
  return shareEstimateOf(seriesMean(series), means, series.length, effect);
}

/** The same from the share and those of consecutive batches. */
export function shareEstimateOf(
  value: number,
  means: number[],
  count: number,
  effect: DesignEffect,
): Estimate {
  return scoreInterval(value, effectiveTrials(batchUncertainty(means), value, count, effect));
}

/** Events per second from their counts in equal slices of `sliceS` seconds, with the interval over the slices. */
export function rateEstimate(counts: number[], sliceS: number): Estimate {
  const rates = counts.map((count) => count / sliceS);
  if (rates.length === 0) return unknownInterval(Number.NaN);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const value = total / (sliceS * counts.length);
  if (total < FEWEST_BATCHES * VALUES_PER_BATCH) return unknownInterval(value);
  return notNegative(batchEstimate(value, rates));
}
