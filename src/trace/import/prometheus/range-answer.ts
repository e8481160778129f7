import type { Place } from '../../../base/problem.js';
import { placeOf } from '../../collect.js';
import { quoteValue, RowProblems } from '../../row-problems.js';
import type { SourceFile } from '../options.js';
import { type AnsweredSeries, forEachSample, forEachSeries, samplePath } from './answer.js';
import { inOrder, type Samples } from './samples.js';

/** A series of a range query that counts requests. */
export interface RangeSeries {
  readonly place: Place;
  /** All its labels, the name of the metric as `__name__` among them. */
  readonly labels: ReadonlyMap<string, string>;
  /** Those that hold a number. */
  readonly samples: Samples;
  /** How many hold none: NaN or an infinity. */
  readonly missing: number;
}

export interface RangeAnswer {
  readonly series: readonly RangeSeries[];
  /** What Prometheus itself finds wrong with it. */
  readonly warnings: readonly string[];
}

/**
 * Reads the answer to a range query of what counts requests, or of their rate.
 *
 * @throws InputError with the path of every problem
 */
export function readRangeAnswer(file: SourceFile): RangeAnswer {
  const problems = new RowProblems(placeOf(file));
  const series: RangeSeries[] = [];
  const onSeries = (each: AnsweredSeries) => {
    const { place, labels } = each;
    series.push({ place, labels, ...samplesOf(each, problems) });
  };
  const warnings = forEachSeries(file, onSeries, problems);
  problems.throwIfAny();
  return { series, warnings };
}

function samplesOf(series: AnsweredSeries, problems: RowProblems): Pick<RangeSeries, 'samples' | 'missing'> {
  const { length } = series.pairs;
  const timesUs = new Float64Array(length);
  const values = new Float64Array(length);
  let found = 0;
  const onSample = (us: number, value: number, position: number) => {
    if (!Number.isFinite(value)) return;
    const wrong = whatIsWrong(value);
    if (wrong !== undefined) problems.add({ path: samplePath(series, position), ...wrong });
    timesUs[found] = us;
    values[found++] = value;
  };
  forEachSample(series, onSample, problems);
  const samples = inOrder({ timesUs: timesUs.slice(0, found), values: values.slice(0, found) });
  return { samples, missing: length - found };
}

/** Of a value that no count of requests can have. */
function whatIsWrong(value: number): { readonly what: string; readonly remedy?: string } | undefined {
  if (value < 0)
    return { what: `${quoteValue(value)} is below 0`, remedy: 'query a counter of requests, or its rate' };
  if (value > Number.MAX_SAFE_INTEGER) return { what: `${quoteValue(value)} is more than can be counted` };
  return undefined;
}
