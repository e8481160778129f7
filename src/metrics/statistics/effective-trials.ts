import type { Uncertainty } from './intervals.js';
import { studentTQuantile } from './student-t.js';

/**
 * By how much the variance of a mean of values of one run exceeds that of as many independent ones (Kish 1965; the integrated
 * autocorrelation time), and the degrees of freedom behind it (0: unknown).
 */
export interface DesignEffect {
  readonly factor: number;
  readonly degrees: number;
}

export const UNKNOWN_EFFECT: DesignEffect = { factor: Number.NaN, degrees: 0 };

/**
 * As many independent trials as say what `count` correlated ones say of a share, over the square of Student's 97.5 % quantile.
 *
 * The design effect of the trials comes from their own batches, but a few spells of misses say little about how long such spells are,
 * and none says nothing. Latencies over a high limit come in the same busy spells as those over a lower one: beyond a level, how many come
 * together no longer depends on it (the extremal index; Leadbetter, Lindgren & Rootzén, Extremes and Related Properties of Random
 * Sequences and Processes, 1983, 3.7). So the latencies' own effect stands in: the two are averaged, weighted by the number of spells
 * and by its degrees of freedom, and never fall below what the trials themselves show.
 *
 * @param own how uncertain the share is by batches of the trials
 * @param effect that of the latencies behind the trials
 */
export function effectiveTrials(
  own: Uncertainty,
  share: number,
  count: number,
  effect: DesignEffect,
): number {
  const variance = share * (1 - share);
  if (variance === 0) return count / (effect.factor * squaredQuantile(effect.degrees));
  const shown = (own.standardError ** 2 * count) / variance;
  const rarer = count * Math.min(share, 1 - share);
  const pooled = (rarer + effect.degrees * effect.factor) / (rarer / shown + effect.degrees);
  const factor = effect.degrees === 0 ? shown : Math.max(shown, pooled);
  return count / (factor * squaredQuantile(own.degrees));
}

function squaredQuantile(degrees: number): number {
  return studentTQuantile(0.975, degrees) ** 2;
}
