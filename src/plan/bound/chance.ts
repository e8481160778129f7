import { mean, standardDeviation } from 'simple-statistics';
import type { ModelProfile, Spread } from '../../profile/profile.js';
import { SPREAD_LAWS } from '../../profile/spread-laws.js';

/** Standard deviations by which a run may fall below what is to be expected: one in thirty thousand does. */
const LUCK = 4;

/**
 * The least seconds that a run's executions take together where chance makes them short: `meanS` is to be
 * expected, `longestS` of one of them, each with a coefficient of variation of `cv`.
 */
export function luckyS(meanS: number, longestS: number, cv: number): number {
  return Math.max(0, meanS - LUCK * cv * Math.sqrt(meanS * longestS));
}

/** The largest coefficient of variation of a model's executions. */
export function largestCv(profile: ModelProfile): number {
  return Math.max(...spreadsOf(profile).map(cvOf));
}

/** Part of its mean below which at most one execution in a million ends. */
export function shortestRatio(profile: ModelProfile): number {
  return Math.min(1, ...spreadsOf(profile).map(leastRatio));
}

function spreadsOf({ spread, pausedSpread }: ModelProfile): Spread[] {
  return pausedSpread === undefined ? [spread] : [spread, pausedSpread.spread];
}

function cvOf(spread: Spread): number {
  if (spread.law === 'none') return 0;
  if (spread.law !== 'empirical') return spread.cv;
  const ratios = [...spread.ratios];
  return standardDeviation(ratios) / mean(ratios);
}

const SHORTEST_OF = 1e-6;

function leastRatio(spread: Spread): number {
  if (spread.law === 'none') return 1;
  if (spread.law !== 'empirical')
    return spread.cv === 0 ? 1 : SPREAD_LAWS[spread.law].quantile(spread.cv, SHORTEST_OF);
  return spread.ratios[0]! / mean([...spread.ratios]);
}
