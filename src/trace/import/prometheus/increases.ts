import { quoteValue, type RowProblems } from '../../row-problems.js';
import type { SeriesValues } from '../options.js';
import type { Series } from './series.js';

/** So many of something and no less came between two times. */
export interface Increase {
  readonly fromUs: number;
  readonly toUs: number;
  readonly amount: number;
}

/** What a series tells, and where it does not. */
export interface SeriesIncreases {
  readonly series: Series;
  /** In order of time, without overlap. */
  readonly increases: readonly Increase[];
  /** From when on and until when something is known. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Times a counter began again at 0. */
  readonly resets: number;
  /** Places where samples are missing, and the time that nothing is known of. */
  readonly gaps: number;
  readonly gapUs: number;
  /** Whether a counter moves only every other step or more rarely, and then by much. */
  readonly isStepped: boolean;
}

/** How far apart neighbours are before a sample is missing between them, in steps: scrapes are not punctual. */
const MOST_STEPS = 1.5;

/**
 * What came between the samples of a counter: the difference, or, where it went back, all that it has counted
 * since (it began again at 0: the server was started or the model loaded anew). What came between the last
 * sample and that is lost, as it is to Prometheus' own `increase`. Over missing samples a counter still tells how
 * many requests came, not when.
 *
 * A sum that goes back has lost one of its counters and says nothing: the series without a name are such sums.
 */
export function increasesOfCounter(series: Series, problems: RowProblems): SeriesIncreases {
  const { timesUs, values, stepsUs, place, labels } = series;
  const increases: Increase[] = [];
  let [resets, gaps, gapUs] = [0, 0, 0];
  for (let i = 1; i < timesUs.length; i++) {
    const [fromUs, toUs] = [timesUs[i - 1] as number, timesUs[i] as number];
    const [before, after] = [values[i - 1] as number, values[i] as number];
    if (after < before) {
      resets++;
      if (!labels.has('__name__') && resets === 1) {
        const what = `goes back from ${quoteValue(before)} to ${quoteValue(after)} at ${toUs / 1e6}: of a sum of counters that tells nothing`;
        problems.add({ ...place, what, remedy: 'query the counters themselves, or sum(rate(…))' });
      }
    }
    const missingUs = toUs - fromUs - (stepsUs[i] as number);
    if (missingUs > (MOST_STEPS - 1) * (stepsUs[i] as number)) {
      gaps++;
      gapUs += missingUs;
    }
    increases.push({ fromUs, toUs, amount: after < before ? after : after - before });
  }
  const [fromUs, toUs] = [timesUs[0] as number, timesUs.at(-1) as number];
  return { series, increases, fromUs, toUs, resets, gaps, gapUs, isStepped: isStepped(increases) };
}

/**
 * What came in the step before each value of a rate, in requests per second, or of an increase over `windowUs`.
 * Such a value is a mean of the time of its query's brackets: what is shorter than that is smoothed away, and the
 * rest comes half of it late.
 */
export function increasesOfRate(
  series: Series,
  { values: kind, windowUs = 1e6 }: { readonly values: SeriesValues; readonly windowUs?: number | undefined },
): SeriesIncreases {
  const { timesUs, values, stepsUs } = series;
  const unitUs = kind === 'increase' ? windowUs : 1e6;
  const increases: Increase[] = [];
  let [gaps, gapUs] = [0, 0];
  for (let i = 0; i < timesUs.length; i++) {
    const [toUs, stepUs] = [timesUs[i] as number, stepsUs[i] as number];
    const beforeUs = i === 0 ? Number.NEGATIVE_INFINITY : (timesUs[i - 1] as number);
    const isNext = toUs - beforeUs <= MOST_STEPS * stepUs;
    const fromUs = isNext ? beforeUs : toUs - stepUs;
    if (i > 0 && !isNext) {
      gaps++;
      gapUs += fromUs - beforeUs;
    }
    increases.push({ fromUs, toUs, amount: ((values[i] as number) * (toUs - fromUs)) / unitUs });
  }
  const [fromUs, toUs] = [increases[0]!.fromUs, timesUs.at(-1) as number];
  return { series, increases, fromUs, toUs, resets: 0, gaps, gapUs, isStepped: false };
}

/** Fewer moves may lie apart by chance; of a few requests each step many bring none. */
const LEAST_MOVES = 10;
const LEAST_PER_MOVE = 5;

/**
 * A query with a shorter step than the server is scraped finds the same value several times, then all that came
 * meanwhile at once.
 */
function isStepped(increases: readonly Increase[]): boolean {
  let [moves, neighbours, total] = [0, 0, 0];
  for (const [i, { amount }] of increases.entries()) {
    if (amount === 0) continue;
    moves++;
    total += amount;
    if ((increases[i - 1]?.amount ?? 0) > 0) neighbours++;
  }
  return moves >= LEAST_MOVES && neighbours === 0 && total >= LEAST_PER_MOVE * moves;
}
