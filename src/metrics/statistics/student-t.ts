import { bisect } from '../../base/bisect.js';
import { remembered } from '../../base/remembered.js';
import { NORMAL_95 } from './normal-interval.js';

/** Beyond this the quantiles no longer change in the fourth digit, and the sums would only cost time. */
export const MOST_DEGREES = 10_000;

/**
 * Probability that |T| ≤ |`t`| for Student's t with a whole number of `degrees` of freedom: the finite
 * sums of Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
 */
export function studentTCentral(t: number, degrees: number): number {
  const ratio = Math.abs(t) / Math.sqrt(degrees);
  const cos = 1 / Math.hypot(1, ratio);
  const sin = Number.isFinite(ratio) ? ratio * cos : 1;
  if (degrees % 2 === 0) return sin * cosineSum(cos, 0, degrees);
  const sum = degrees === 1 ? 0 : sin * cosineSum(cos, 1, degrees);
  return (2 / Math.PI) * (Math.atan(ratio) + sum);
}

/** cos^first + … + cos^(degrees - 2) in steps of 2, each with its ratio of double factorials. */
function cosineSum(cos: number, first: 0 | 1, degrees: number): number {
  let term = first === 0 ? 1 : cos;
  let sum = term;
  for (let power = first + 2; power <= degrees - 2; power += 2) {
    term *= (cos * cos * (power - 1)) / power;
    sum += term;
  }
  return sum;
}

/** Probability of a |T| at least as large as |`t`|: the two-sided p-value. NaN without degrees of freedom. */
export function studentTPValue(t: number, degrees: number): number {
  if (!(degrees >= 1) || Number.isNaN(t)) return Number.NaN;
  return Math.max(0, 1 - studentTCentral(t, Math.min(degrees, MOST_DEGREES)));
}

/**
 * The value that Student's t with `degrees` (whole, ≥ 1) of freedom does not exceed with probability
 * `p` (0 < p < 1), by bisection; NaN without degrees of freedom.
 */
export function studentTQuantile(p: number, degrees: number): number {
  if (!(degrees >= 1 && p > 0 && p < 1)) return Number.NaN;
  if (p < 0.5) return -studentTQuantile(1 - p, degrees);
  const ofLevel = remembered(KNOWN, p, () => new Map<number, number>());
  const most = Math.min(degrees, MOST_DEGREES);
  return remembered(ofLevel, most, () => bisected(2 * p - 1, most));
}

/** By level and degrees: every figure of every tenant asks for one of the same few. */
const KNOWN = new Map<number, Map<number, number>>();

function bisected(central: number, degrees: number): number {
  const isBelow = (t: number) => studentTCentral(t, degrees) < central;
  let high = 1;
  while (isBelow(high) && high < 1e15) high *= 2;
  return bisect(0, high, isBelow);
}

/**
 * The standard deviation of what a new value is off by from the mean of a sample of `count` (at least 2) normal ones, in
 * sample standard deviations, such that {@link NORMAL_95} of it is the 95 % prediction interval: t √(1 + 1/n) / 1.96.
 */
export function newValueDeviation(count: number): number {
  return (studentTQuantile(0.975, count - 1) / NORMAL_95) * Math.sqrt(1 + 1 / count);
}
