import { mean, standardDeviation } from 'simple-statistics';
import type { Variation } from '../../effects/effect.js';
import { MODEL_EFFECTS } from '../../effects/registry.js';
import { SPREAD_LAWS } from '../../effects/service-time-variability/laws.js';
import { studyOf } from '../../effects/studies.js';
import type { ModelProfile, Spread } from '../../profile/profile.js';

/** Standard deviations by which a run may fall below what is to be expected: one in thirty thousand does. */
export const LUCK = 4;

/** How widely the executions of a model vary by chance. */
export interface Chance {
  /** Coefficient of variation of executions that are independent of each other. */
  readonly cv: number;
  /** Slow drift of the service speed, which executions at about one time have in common. */
  readonly drift?: Drift;
}

export interface Drift {
  readonly cv: number;
  readonly timeConstantS: number;
  /** Executions that a device completes side by side as fast as one, at most. */
  readonly sideBySide: number;
}

/** No chance at all: what is to be expected. */
export const NO_CHANCE: Chance = { cv: 0 };

/** What chance does to executions of a profile, of which a device completes at most so many side by side as fast as one. */
export function chanceOf(profile: ModelProfile, sideBySide: number): Chance {
  const variations = variationsOf(profile, 'executions');
  const drifting = variations.filter(({ timeConstantMs }) => timeConstantMs !== undefined);
  const cv = togetherCv(variations.filter((each) => !drifting.includes(each)));
  if (drifting.length === 0) return { cv };
  const timeConstantS = Math.max(...drifting.map(({ timeConstantMs = 0 }) => timeConstantMs)) / 1000;
  return { cv, drift: { cv: togetherCv(drifting), timeConstantS, sideBySide } };
}

/** What chance does to the time that requests take of front-end threads. */
export function frontEndChanceOf(profile: ModelProfile): Chance {
  return { cv: togetherCv(variationsOf(profile, 'front end')) };
}

/** Factors that are independent of each other multiply. */
function togetherCv(variations: readonly Variation[]): number {
  const cvs = variations.map(({ spread }) => cvOf(spread));
  return Math.sqrt(cvs.reduce((all, cv) => all + cv ** 2 + all * cv ** 2, 0));
}

function variationsOf(profile: ModelProfile, of: Variation['of']): Variation[] {
  return MODEL_EFFECTS.flatMap((effect) => studyOf(effect).variation?.(profile) ?? []).filter(
    (variation) => variation.of === of,
  );
}

/**
 * The least seconds that a run's executions take together where chance makes them short: `meanS` is to be
 * expected, `longestS` of one of them. Independent executions add up to a relative variance of `cv² longest / mean`. Drift with
 * correlation `exp(-t / T)` averages out over the time that the executions need: its integral over a window W has a relative
 * variance of at most `cv² min(1, 2 T / W)`, and `sideBySide` executions at a time make the window that much shorter. A device that
 * is never idle does more executions in fast times than in slow ones, which shortens the mean by `1 + cv²` for a lognormal drift.
 */
export function luckyS(meanS: number, longestS: number, { cv, drift }: Chance): number {
  if (meanS === 0) return 0;
  const scatter = (cv ** 2 * longestS) / meanS;
  if (drift === undefined) return Math.max(0, meanS * (1 - LUCK * Math.sqrt(scatter)));
  const windowS = meanS / drift.sideBySide;
  const drifted = drift.cv ** 2 * Math.min(1, (2 * drift.timeConstantS) / windowS);
  const expectedS = meanS / (1 + drift.cv ** 2);
  return Math.max(0, expectedS * (1 - LUCK * Math.sqrt(scatter + drifted)));
}

/** Whether executions or requests of a profile do not all take their mean. */
export function variesByChance(profile: ModelProfile): boolean {
  return MODEL_EFFECTS.some((effect) => studyOf(effect).variation?.(profile) !== undefined);
}

/** Part of its mean below which at most one execution in a million ends. */
export function shortestRatio(profile: ModelProfile): number {
  return variationsOf(profile, 'executions').reduce(
    (product, { spread }) => product * Math.min(1, leastRatio(spread)),
    1,
  );
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
