import { erf, mean, standardDeviation } from 'simple-statistics';
import { expect } from 'vitest';
import { gammaFn, logGammaFn, weibullUnitMean } from '../../src/base/distributions.js';

/** A cumulative distribution function. */
export type Cdf = (x: number) => number;

/** `count` draws. */
export function draw(count: number, next: () => number): Float64Array {
  return Float64Array.from({ length: count }, next);
}

/** Differences of neighbours. */
export function gapsBetween(arrivals: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, arrivals.length - 1) },
    (_, i) => arrivals[i + 1]! - arrivals[i]!,
  );
}

export function coefficientOfVariation(sample: Float64Array): number {
  return standardDeviation(Array.from(sample)) / mean(Array.from(sample));
}

/**
 * Holds a sample to a distribution: √n × the largest distance between its empirical and the given
 * cumulative curve (Kolmogorov-Smirnov). Under the law it exceeds 1.95 once in a thousand samples.
 */
export function expectToFollow(sample: Float64Array, cdf: Cdf): void {
  const sorted = sample.slice().sort();
  let distance = 0;
  sorted.forEach((x, i) => {
    const expected = cdf(x);
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  });
  expect(distance * Math.sqrt(sorted.length)).toBeLessThan(1.95);
}

/** Holds the mean of a sample to `expected` within four standard errors, given the law's standard deviation. */
export function expectMean(sample: Float64Array, expected: number, deviation: number): void {
  const error = mean(Array.from(sample)) - expected;
  expect(Math.abs(error) / (deviation / Math.sqrt(sample.length))).toBeLessThan(4);
}

/** Pearson's statistic for counts that should all be equal, in standard deviations from its mean. */
export function uniformityDeviation(counts: ArrayLike<number>): number {
  const values = Array.from(counts);
  const expected = values.reduce((sum, count) => sum + count, 0) / values.length;
  const statistic = values.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = values.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

export const exponentialCdf =
  (scale: number): Cdf =>
  (x) =>
    -Math.expm1(-x / scale);

export const normalCdf: Cdf = (x) => (1 + erf(x / Math.SQRT2)) / 2;

export const weibullCdf =
  (shape: number, scale: number): Cdf =>
  (x) =>
    -Math.expm1(-((x / scale) ** shape));

/** Weibull with this mean. */
export const weibullCdfOfMean = (shape: number, expected: number): Cdf =>
  weibullCdf(shape, expected / weibullUnitMean(shape));

/** The regularised lower incomplete gamma function, by its power series (Abramowitz and Stegun 6.5.29). */
export const gammaCdf =
  (shape: number, scale: number): Cdf =>
  (x) => {
    const z = x / scale;
    if (z <= 0) return 0;
    if (z > shape + 60 + 12 * Math.sqrt(shape)) return 1;
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= z / (shape + n);
      sum += term;
    }
    return sum * Math.exp(shape * Math.log(z) - z - logGammaFn(shape));
  };

/** Mean of x^power for a Weibull number of scale 1. */
export function weibullMoment(shape: number, power: number): number {
  return gammaFn(1 + power / shape);
}
