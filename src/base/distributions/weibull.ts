import { bisect } from '../bisect.js';
import type { Random } from '../random.js';
import { exponential } from './exponential.js';
import { gammaFn, logGammaFn } from './gamma-function.js';

/**
 * A Weibull number with the given shape and scale (both > 0), by inversion: scale × E^(1/shape) with
 * E exponential of mean 1 (Devroye 1986, "Non-uniform random variate generation", II.2). The power is
 * taken through logarithms, at half the cost of `**`.
 */
export function weibull(random: Random, shape: number, scale: number): number {
  return scale * Math.exp(Math.log(exponential(random, 1)) / shape);
}

/** Mean of a Weibull distribution of scale 1: Γ(1 + 1/shape). */
export function weibullUnitMean(shape: number): number {
  return gammaFn(1 + 1 / shape);
}

/** Smallest and largest coefficient of variation for which {@link weibullShapeForCv} has an answer. */
export const WEIBULL_CV_RANGE = { min: 1e-3, max: 1e4 } as const;

/**
 * The shape of the Weibull distribution with this coefficient of variation: the root of
 * Γ(1 + 2/k) / Γ(1 + 1/k)² = 1 + cv², which falls from infinity to 1 as k grows. By bisection of
 * ln k, to the last bits.
 * @throws RangeError outside {@link WEIBULL_CV_RANGE}
 */
export function weibullShapeForCv(cv: number): number {
  if (!(cv >= WEIBULL_CV_RANGE.min && cv <= WEIBULL_CV_RANGE.max)) {
    throw new RangeError(
      `no Weibull shape for a coefficient of variation of ${cv}: expected ${WEIBULL_CV_RANGE.min} to ${WEIBULL_CV_RANGE.max}`,
    );
  }
  const wanted = Math.log1p(cv * cv);
  const isBelow = (logShape: number) => logSquaredCvPlusOne(Math.exp(logShape)) > wanted;
  return Math.exp(bisect(Math.log(0.05), Math.log(5000), isBelow));
}

/** ln(1 + cv²) of a Weibull distribution of this shape. */
function logSquaredCvPlusOne(shape: number): number {
  return logGammaFn(1 + 2 / shape) - 2 * logGammaFn(1 + 1 / shape);
}
