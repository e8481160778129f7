import { batchCount, batchMeans, batchUncertainty, seriesMean } from '../statistics/intervals.js';

/** Values averaged into one before the search: the 5 of MSER-5. */
const GROUP = 5;
/** Cuts shorter than this share of the series are ordinary noise of the rule. */
const NOTICEABLE_SHARE = 0.1;
/** Standard errors by which a start must differ from the rest to be called a transient. */
const NOTICEABLE_ERRORS = 4;

export interface WarmUpCut {
  /** Values to leave out at the beginning. */
  readonly cut: number;
  /** The best cut lies in the second half, so the series may never have settled. */
  readonly uncertain: boolean;
}

/**
 * Where to cut a series (in order of time) so that the rest says most about the mean: MSER-5 of White,
 * Cobb & Spratt, "A comparison of five steady-state truncation heuristics" (WSC 2000), after White
 * (1997). It minimises the variance of what remains over the square of its length. Cuts beyond half of
 * the series are not trusted: the cut is then half, marked `uncertain`.
 */
export function mser5(series: Float64Array): WarmUpCut {
  const groups = Math.floor(series.length / GROUP);
  if (groups < 2) return { cut: 0, uncertain: series.length > 0 };
  const best = bestCut(batchMeans(series.subarray(0, groups * GROUP), groups));
  const half = groups >>> 1;
  return { cut: GROUP * Math.min(best, half), uncertain: best > half };
}

/** The last few cuts are left out, where hardly anything remains to have a variance. */
function bestCut(values: readonly number[]): number {
  let best = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let average = 0;
  let squares = 0;
  for (let cut = values.length - 1; cut >= 0; cut--) {
    const remaining = values.length - cut;
    const deviation = values[cut]! - average;
    average += deviation / remaining;
    squares += deviation * (values[cut]! - average);
    const score = squares / remaining ** 2;
    if (remaining > GROUP && score <= lowest) {
      lowest = score;
      best = cut;
    }
  }
  return best;
}

/**
 * Whether a series that should be past its warm-up still begins with a transient: MSER-5 would cut a
 * tenth or more of it, and what it cuts differs from the rest by more than chance. Gives the number of
 * values to cut, or 0.
 */
export function remainingTransient(series: Float64Array): number {
  const { cut } = mser5(series);
  const rest = series.subarray(cut);
  const batches = batchCount(rest.length);
  if (cut < NOTICEABLE_SHARE * series.length || batches === 0) return 0;
  const { standardError } = batchUncertainty(batchMeans(rest, batches));
  // The start is as noisy as a part of that length of the rest.
  const startError = standardError * Math.sqrt(rest.length / cut);
  const step = Math.abs(seriesMean(series.subarray(0, cut)) - seriesMean(rest));
  return step > NOTICEABLE_ERRORS * Math.hypot(standardError, startError) ? cut : 0;
}
