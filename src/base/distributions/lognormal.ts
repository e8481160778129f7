import type { Random } from '../random.js';
import { normal } from './normal.js';

/** Mean and standard deviation of the logarithm of a lognormal number. */
export interface LognormalParameters {
  readonly logMean: number;
  readonly logDeviation: number;
}

/** A lognormal number: e to the power of a normal one (see {@link normal} for the algorithm). */
export function lognormal(random: Random, { logMean, logDeviation }: LognormalParameters): number {
  return Math.exp(normal(random, logMean, logDeviation));
}

/** The lognormal distribution that has this mean and this coefficient of variation. */
export function lognormalParameters(mean: number, cv: number): LognormalParameters {
  const variance = Math.log1p(cv * cv);
  return { logMean: Math.log(mean) - variance / 2, logDeviation: Math.sqrt(variance) };
}
