import { groupBy } from '../../../base/group-by.js';
import type { Place } from '../../../base/problem.js';
import type { RowProblems } from '../../row-problems.js';
import { labelsKey } from './answer.js';
import type { RangeAnswer, RangeSeries } from './range-answer.js';
import { gapsUs, orderOfTimes, pick, type Samples } from './samples.js';
import { lowerMedian, stepsOf } from './steps.js';

/** A series over all files: each time once. */
export interface Series extends Samples {
  /** Where it is first found. */
  readonly place: Place;
  readonly labels: ReadonlyMap<string, string>;
  /** Of each sample: how far it is from the one before where none is missing. */
  readonly stepsUs: Float64Array;
}

/** What files together tell. */
export interface JoinedSeries {
  /** Those with samples, in an order that is the same for every order of files. */
  readonly series: readonly Series[];
  /** Whether all samples of each file lie on a grid. */
  readonly isGrid: boolean;
  /** Times at which two files tell different values, and that of the file named last was taken. */
  readonly differing: number;
}

/**
 * Joins the answers of several files, which may follow each other in any order, overlap, or hold different
 * series. What two files say differently is taken from the one named last: the end of a range that was asked
 * for as it passed is not complete. Where most of what they share differs they are not of the same series.
 */
export function joinSeries(answers: readonly RangeAnswer[], problems: RowProblems): JoinedSeries {
  const steps = answers.map(stepsOf);
  const known = steps.find((each) => each !== undefined);
  const parts = answers.flatMap(({ series }, file) =>
    series.map((each): Part => ({ ...each, stepUs: (steps[file] ?? known)?.stepUs(each) ?? Number.NaN })),
  );
  const groups = [...groupBy(parts, ({ labels }) => labelsKey(labels))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => joinParts(group));
  if (known === undefined) setUsualStep(groups.map(({ series }) => series));
  for (const { series, differing, equal } of groups) {
    if (differing <= Math.max(1, equal)) continue;
    problems.add({
      ...series.place,
      what: `${differing} of the ${differing + equal} times at which another series has the same labels have another value there`,
      remedy: 'give answers to one query; of several servers, with a label that tells them apart',
    });
  }
  return {
    series: groups.map(({ series }) => series).filter(({ timesUs }) => timesUs.length > 0),
    isGrid: steps.every((each) => each?.isGrid !== false),
    differing: groups.reduce((sum, { differing }) => sum + differing, 0),
  };
}

type Part = RangeSeries & { readonly stepUs: number };

interface Joined {
  readonly series: Series;
  /** Times that several parts have, with different values and with the same. */
  readonly differing: number;
  readonly equal: number;
}

function joinParts(parts: readonly Part[]): Joined {
  const { timesUs, values, stepsUs } = stacked(parts);
  const kept: number[] = [];
  let [differing, equal] = [0, 0];
  for (const row of orderOfTimes(timesUs)) {
    const last = kept.at(-1);
    if (last === undefined || timesUs[last] !== timesUs[row]) {
      kept.push(row);
      continue;
    }
    if (values[last] === values[row]) equal++;
    else differing++;
    kept[kept.length - 1] = row;
  }
  const { place, labels } = parts[0] as Part;
  const columns = {
    timesUs: pick(timesUs, kept),
    values: pick(values, kept),
    stepsUs: pick(stepsUs, kept),
  };
  return { series: { place, labels, ...columns }, differing, equal };
}

/** Of files with one time each, which have no step. */
function setUsualStep(series: readonly Series[]): void {
  const gaps = series.flatMap((each) => gapsUs(each));
  if (gaps.length === 0) return;
  const usualUs = lowerMedian(gaps);
  for (const { stepsUs } of series) stepsUs.fill(usualUs);
}

function stacked(parts: readonly Part[]) {
  const length = parts.reduce((sum, { samples }) => sum + samples.timesUs.length, 0);
  const [timesUs, values, stepsUs] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
  ];
  let start = 0;
  for (const { samples, stepUs } of parts) {
    timesUs.set(samples.timesUs, start);
    values.set(samples.values, start);
    stepsUs.fill(stepUs, start, start + samples.timesUs.length);
    start += samples.timesUs.length;
  }
  return { timesUs, values, stepsUs };
}
