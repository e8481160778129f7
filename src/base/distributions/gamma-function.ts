import { gammaln } from 'simple-statistics';

/** Euler's gamma function for x > 0; Infinity beyond 171.6. */
export function gammaFn(x: number): number {
  return Math.exp(gammaln(x));
}

/** Natural logarithm of the gamma function for x > 0. */
export function logGammaFn(x: number): number {
  return gammaln(x);
}
