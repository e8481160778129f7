import { errorFunction } from 'simple-statistics';
import { halfWidthOf } from '../metrics/statistics/intervals.js';
import { NORMAL_95 } from '../metrics/statistics/normal-interval.js';
import type { Estimate } from '../metrics/summary.js';

/** The difference of two estimates of independent runs. */
export interface UnpairedDifference {
  readonly difference: Estimate;
  /** Two-sided p-value of the z test: 1 between equal estimates; NaN where an interval is not known. */
  readonly pValue: number;
}

/**
 * b - a from the intervals of both, as for independent runs: the standard errors add up in squares.
 * Intervals from few batches are Student's and wider, so that this errs on the side of no difference.
 */
export function unpairedDifference(a: Estimate, b: Estimate): UnpairedDifference {
  const value = b.value - a.value;
  const half = Math.hypot(halfWidthOf(a), halfWidthOf(b));
  const pValue = value === 0 ? 1 : normalPValue((value / half) * NORMAL_95);
  return { difference: { value, low: value - half, high: value + half }, pValue };
}

/** P(|Z| > |z|). */
function normalPValue(z: number): number {
  // The error function is an approximation, which may leave 0..1 by its last digits.
  return Math.min(1, Math.max(0, 1 - errorFunction(Math.abs(z) / Math.SQRT2)));
}
