import { mean, median } from 'simple-statistics';
import { InputError } from '../../base/problem.js';
import type { Spread } from './effect.js';
import { type SampleMoments, SPREAD_LAWS } from './laws.js';

type LawName = keyof typeof SPREAD_LAWS;

/** One quantile of a service time as a multiple of its mean. */
export interface QuantileRatio {
  readonly probability: number;
  readonly ratio: number;
}

const LAW_NAMES = ['lognormal', 'gamma'] as const;

/** Coefficients of variation below this are as good as none: 10 ns in 10 ms. */
const LEAST_CV = 1e-6;

/** Probabilities an empirical spread keeps. */
const MOST_RATIOS = 200;

/** Probabilities of a spread drawn through quantiles: enough to hold a p99. */
const QUANTILE_RATIOS = 100;

/** A law that misses a quantile by more than this is not the law. */
const QUANTILE_TOLERANCE = 0.05;

/** Below this many executions a law is kept even if it fits badly: the sample says little about its shape. */
const LEAST_SAMPLE = 50;

/** Of the Kolmogorov-Smirnov test: what the distance times the root of the sample's size exceeds by chance in 5 %. */
const KS_LIMIT = 1.358;

/**
 * The spread of measured service times given as ratios to their mean (any positive scale; they are
 * divided by their mean here). Lognormal and gamma are fitted by maximum likelihood and the likelier
 * is taken, unless the Kolmogorov-Smirnov test rejects it at 5 %: then the quantiles of the sample
 * themselves are the spread.
 * @throws InputError for a sample that is empty or holds anything but positive numbers.
 */
export function fitSpread(ratios: readonly number[]): Spread {
  const sample = normalized(ratios);
  const moments = logMoments(sample);
  if (moments.logDeviation < LEAST_CV) return { law: 'none' };
  const likelihoods = LAW_NAMES.map((name) => SPREAD_LAWS[name].logLikelihood(moments));
  const law = likelihoods[0]! >= likelihoods[1]! ? LAW_NAMES[0] : LAW_NAMES[1];
  const cv = SPREAD_LAWS[law].fitCv(moments);
  const distance = ksDistance(sample, (ratio) => SPREAD_LAWS[law].distribution(cv, ratio));
  const rejected = distance > KS_LIMIT / Math.sqrt(sample.length);
  if (!rejected || sample.length < LEAST_SAMPLE) return { law, cv };
  return { law: 'empirical', ratios: quantileRatios(sample) };
}

/**
 * The spread behind a few published quantiles, for sources that give p50, p95 and the like instead of
 * single executions. Several values of one quantile (from several batch sizes) count by their median.
 * The nearest lognormal or gamma (least squares) is taken if it gives every quantile back within 5 %;
 * else the spread runs straight from quantile to quantile.
 */
export function fitSpreadToQuantiles(quantiles: readonly QuantileRatio[]): Spread {
  if (quantiles.length === 0) return { law: 'none' };
  const typical = medians(quantiles);
  const fits = LAW_NAMES.map((law) => nearestCv(typical, law));
  const best = fits[0]!.residual <= fits[1]!.residual ? fits[0]! : fits[1]!;
  if (best.worst > QUANTILE_TOLERANCE) return { law: 'empirical', ratios: throughQuantiles(typical) };
  return best.cv < LEAST_CV ? { law: 'none' } : { law: best.law, cv: best.cv };
}

function normalized(ratios: readonly number[]): readonly number[] {
  if (ratios.length === 0)
    throw InputError.of('no service times to fit a spread to', 'measure some executions');
  const wrong = ratios.find((ratio) => !(ratio > 0 && Number.isFinite(ratio)));
  if (wrong !== undefined) {
    throw InputError.of(`a service time of ${wrong}`, 'leave out executions without a positive time');
  }
  const scale = mean([...ratios]);
  return ratios.map((ratio) => ratio / scale).sort((a, b) => a - b);
}

function logMoments(sample: readonly number[]): SampleMoments {
  const logs = sample.map(Math.log);
  const meanLog = mean(logs);
  return { meanLog, logDeviation: Math.sqrt(mean(logs.map((log) => (log - meanLog) ** 2))) };
}

/** Largest distance between the two distribution functions (Kolmogorov-Smirnov). */
function ksDistance(sorted: readonly number[], distribution: (ratio: number) => number): number {
  let distance = 0;
  for (const [i, ratio] of sorted.entries()) {
    const probability = distribution(ratio);
    const gap = Math.max(probability - i / sorted.length, (i + 1) / sorted.length - probability);
    distance = Math.max(distance, gap);
  }
  return distance;
}

/**
 * Means of equal shares of the sample: their mean is the sample's, which quantiles would miss. A value that
 * lies across the border of two shares belongs to both in part.
 */
function quantileRatios(sorted: readonly number[]): readonly number[] {
  const count = Math.min(MOST_RATIOS, sorted.length);
  const perShare = sorted.length / count;
  let least = 0;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * perShare, (i + 1) * perShare];
    let sum = 0;
    for (let at = Math.floor(from); at < Math.min(sorted.length, Math.ceil(to)); at++) {
      sum += sorted[at]! * (Math.min(at + 1, to) - Math.max(at, from));
    }
    // Equal values must not descend by a rounding error.
    least = Math.max(least, sum / perShare);
    return least;
  });
}

function medians(quantiles: readonly QuantileRatio[]): readonly QuantileRatio[] {
  const probabilities = [...new Set(quantiles.map(({ probability }) => probability))].sort((a, b) => a - b);
  return probabilities.map((probability) => ({
    probability,
    ratio: median(
      quantiles.filter((quantile) => quantile.probability === probability).map(({ ratio }) => ratio),
    ),
  }));
}

/** Golden-section search: the residual has one minimum in the range of sensible widths. */
function nearestCv(quantiles: readonly QuantileRatio[], law: LawName) {
  const { quantile } = SPREAD_LAWS[law];
  const residual = (cv: number) =>
    quantiles.reduce((sum, { probability, ratio }) => sum + (quantile(cv, probability) - ratio) ** 2, 0);
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [0, 2];
  while (high - low > 1e-7) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (residual(left) <= residual(right)) high = right;
    else low = left;
  }
  const cv = (low + high) / 2;
  const errors = quantiles.map(({ probability, ratio }) => Math.abs(quantile(cv, probability) / ratio - 1));
  return { law, cv, residual: residual(cv), worst: Math.max(...errors) };
}

/**
 * Ratios at equally spaced probabilities on the polyline through the quantiles, flat beyond the
 * outermost (nothing is known there) and divided by their mean.
 */
function throughQuantiles(quantiles: readonly QuantileRatio[]): readonly number[] {
  const ratios = Array.from({ length: QUANTILE_RATIOS }, (_, i) => {
    const probability = (i + 0.5) / QUANTILE_RATIOS;
    const next = quantiles.findIndex((quantile) => quantile.probability >= probability);
    if (next <= 0) return quantiles.at(next)!.ratio;
    const [left, right] = [quantiles[next - 1]!, quantiles[next]!];
    const share = (probability - left.probability) / (right.probability - left.probability);
    return left.ratio + share * (right.ratio - left.ratio);
  });
  const sorted = ratios.sort((a, b) => a - b);
  const scale = mean(sorted);
  return sorted.map((ratio) => ratio / scale);
}
