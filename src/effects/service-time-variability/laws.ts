import { errorFunction, gammaln, probit } from 'simple-statistics';
import { bisect } from '../../base/bisect.js';
import { lognormalParameters } from '../../base/distributions.js';

/** What a fit needs of a sample of positive ratios with mean 1. */
export interface SampleMoments {
  readonly meanLog: number;
  /** Standard deviation of the logarithms. */
  readonly logDeviation: number;
}

/** A family of distributions of mean 1, told apart by their coefficient of variation. */
export interface SpreadLaw {
  /** Probability of a ratio up to this one. */
  readonly distribution: (cv: number, ratio: number) => number;
  readonly quantile: (cv: number, probability: number) => number;
  /** Maximum-likelihood estimate. */
  readonly fitCv: (sample: SampleMoments) => number;
  /** Mean logarithm of the density over the sample at that estimate. */
  readonly logLikelihood: (sample: SampleMoments) => number;
}

export const SPREAD_LAWS: Readonly<Record<'lognormal' | 'gamma', SpreadLaw>> = {
  lognormal: {
    distribution: (cv, ratio) => {
      const { logMean, logDeviation } = lognormalParameters(1, cv);
      return normalDistribution((Math.log(ratio) - logMean) / logDeviation);
    },
    quantile: (cv, probability) => {
      const { logMean, logDeviation } = lognormalParameters(1, cv);
      return Math.exp(logMean + logDeviation * normalQuantile(probability));
    },
    fitCv: ({ logDeviation }) => Math.sqrt(Math.expm1(logDeviation * logDeviation)),
    logLikelihood: ({ meanLog, logDeviation }) =>
      -meanLog - Math.log(logDeviation) - 0.5 * Math.log(2 * Math.PI) - 0.5,
  },
  gamma: {
    distribution: (cv, ratio) => gammaDistribution(1 / (cv * cv), ratio),
    quantile: (cv, probability) => gammaQuantile(1 / (cv * cv), probability),
    fitCv: ({ meanLog }) => 1 / Math.sqrt(gammaShape(meanLog)),
    logLikelihood: ({ meanLog }) => {
      const shape = gammaShape(meanLog);
      return shape * Math.log(shape) - gammaln(shape) + (shape - 1) * meanLog - shape;
    },
  },
};

/** From this shape on the cube root of a gamma number is normal to four digits (Wilson and Hilferty 1931). */
const NEARLY_NORMAL_SHAPE = 1e4;

/** From this shape on Wilson and Hilferty's quantile is right to three digits. */
const CUBE_ROOT_SHAPE = 10;

/**
 * Maximum-likelihood shape of a gamma distribution of mean 1: log k - ψ(k) = -E[log r], by the start
 * and the Newton steps of Minka 2002, "Estimating a gamma distribution".
 */
function gammaShape(meanLog: number): number {
  const gap = Math.max(-meanLog, 1e-13);
  let shape = (3 - gap + Math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap);
  for (let step = 0; step < 4; step++) {
    const error = Math.log(shape) - digamma(shape) - gap;
    shape = 1 / (1 / shape + error / (shape * shape * (1 / shape - trigamma(shape))));
  }
  return shape;
}

/** ψ(x), by the recurrence up to 10 and the asymptotic series beyond (DLMF 5.5.2, 5.11.2). */
function digamma(x: number): number {
  if (x < 10) return digamma(x + 1) - 1 / x;
  const square = 1 / (x * x);
  return Math.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square / 252));
}

/** ψ'(x), by the same recurrence and series, differentiated. */
function trigamma(x: number): number {
  if (x < 10) return trigamma(x + 1) + 1 / (x * x);
  const square = 1 / (x * x);
  return (1 + 0.5 / x + square * (1 / 6 - square * (1 / 30 - square / 42))) / x;
}

/** Probability that a gamma number of this shape and mean 1 is at most `ratio`. */
function gammaDistribution(shape: number, ratio: number): number {
  if (ratio <= 0) return 0;
  if (shape >= NEARLY_NORMAL_SHAPE) return normalDistribution(cubeRootScore(shape, ratio));
  return regularizedGamma(shape, ratio * shape);
}

function gammaQuantile(shape: number, probability: number): number {
  if (shape >= CUBE_ROOT_SHAPE) {
    const ninth = 1 / (9 * shape);
    return (1 - ninth + Math.sqrt(ninth) * normalQuantile(probability)) ** 3;
  }
  const isBelow = (ratio: number) => gammaDistribution(shape, ratio) < probability;
  let high = 1;
  while (isBelow(high)) high *= 2;
  return bisect(0, high, isBelow);
}

function cubeRootScore(shape: number, ratio: number): number {
  const ninth = 1 / (9 * shape);
  return (Math.cbrt(ratio) - 1 + ninth) / Math.sqrt(ninth);
}

/** P(a, x): the series below the mean, the continued fraction above it (DLMF 8.7.1 and 8.9.2). */
function regularizedGamma(shape: number, x: number): number {
  const front = Math.exp(shape * Math.log(x) - x - gammaln(shape));
  return x < shape + 1 ? front * lowerSeries(shape, x) : 1 - front * upperFraction(shape, x);
}

function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; term > sum * 1e-15; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return sum;
}

/** Lentz's evaluation of the continued fraction; it converges fast for x > shape + 1. */
function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 10_000; n++) {
    const a = n * (shape - n);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

function normalDistribution(x: number): number {
  return 0.5 * (1 + errorFunction(x / Math.SQRT2));
}

/** Newton steps on top of the package's three-digit approximation. */
function normalQuantile(probability: number): number {
  let x = probit(probability);
  for (let step = 0; step < 3; step++) {
    const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    x -= (normalDistribution(x) - probability) / density;
  }
  return x;
}
