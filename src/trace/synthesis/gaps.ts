import { gamma, weibull, weibullShapeForCv, weibullUnitMean } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';

/*
 * Gaps between arrivals, in microseconds with a fraction. Add them up as they are and round each
 * arrival once: rounding gaps would shift the rate. No gap is clipped; a long one is part of the
 * distribution, and cutting it off would raise the offered rate.
 */

/** Gamma gaps with coefficient of variation `cv`: shape 1/cv², scale mean × cv². */
export function gammaGap(random: Random, meanUs: number, cv: number): number {
  return gamma(random, 1 / (cv * cv), meanUs * cv * cv);
}

export function weibullGap(random: Random, meanUs: number, cv: number): number {
  const { shape, scale } = unitMeanWeibull(cv);
  return meanUs * weibull(random, shape, scale);
}

/** Shape and scale of the Weibull distribution with mean 1 and this coefficient of variation. */
export interface WeibullParameters {
  readonly cv: number;
  readonly shape: number;
  readonly scale: number;
}

/** The answer for the last `cv`, since finding the shape costs as much as a hundred gaps. */
let latest: WeibullParameters = weibullParameters(1);

/** Mean 1 and the given coefficient of variation. */
export function unitMeanWeibull(cv: number): WeibullParameters {
  if (latest.cv !== cv) latest = weibullParameters(cv);
  return latest;
}

function weibullParameters(cv: number): WeibullParameters {
  const shape = weibullShapeForCv(cv);
  return { cv, shape, scale: 1 / weibullUnitMean(shape) };
}
