import { arrayOf, isObject, readJson } from '../../../base/json.js';
import { InputError, type Place } from '../../../base/problem.js';
import { placeOf } from '../../collect.js';
import { parseMetricNumber } from '../../number.js';
import { quoteValue, type RowProblems } from '../../row-problems.js';
import type { SourceFile } from '../options.js';

export interface AnsweredSeries {
  readonly place: Place & { readonly path: string };
  /** All its labels, the name of the metric as `__name__` among them. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its samples as they are written, for {@link forEachSample}. */
  readonly pairs: readonly unknown[];
  /** Whether they are one, that of a moment, as `/api/v1/query` answers. */
  readonly isMoment: boolean;
}

/** Equal for series of the same labels, in whatever order they are written. */
export function labelsKey(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Walks through the series that Prometheus (and what speaks its language: Thanos, Mimir, VictoriaMetrics) answers
 * to `/api/v1/query_range`: `{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {…},
 * "values": [[seconds, "value"], …]}]}}`, or to `/api/v1/query`, which has one `value` in place of the values
 * (prometheus.io, Querying, HTTP API). Also the list of series alone, as `promtool query range -o json` prints it.
 * What is wrong with a series is added to the problems.
 *
 * @param options.takesMoments whether answers of one moment do, too
 * @returns what Prometheus itself finds wrong with its answer
 * @throws InputError where it is none
 */
export function forEachSeries(
  { file, text }: SourceFile,
  onSeries: (series: AnsweredSeries) => void,
  problems: RowProblems,
  { takesMoments = false }: { readonly takesMoments?: boolean } = {},
): string[] {
  const place = placeOf({ file });
  const root = parseAnswer(text, place);
  const { result, path } = resultOf(root, takesMoments, place);
  for (const [i, each] of result.entries()) {
    const read = readSeries(each, takesMoments, { ...place, path: `${path}[${i}]` }, problems);
    if (read !== undefined) onSeries(read);
  }
  return warningsOf(root);
}

/**
 * Walks through the samples of a series: time in whole microseconds since 1970, value (also NaN and infinities,
 * for which the format has words), position. What is no sample is added to the problems.
 */
export function forEachSample(
  series: AnsweredSeries,
  onSample: (us: number, value: number, position: number) => void,
  problems: RowProblems,
): void {
  for (const [i, pair] of series.pairs.entries()) {
    const [seconds, text] = arrayOf(pair) ?? [];
    const value =
      typeof text === 'string' || typeof text === 'number' ? parseMetricNumber(`${text}`) : undefined;
    if (typeof seconds !== 'number' || value === undefined) {
      problems.add({ path: samplePath(series, i), what: `${quoteValue(pair)} is not a time with a value` });
    } else if (seconds >= 0 && seconds <= LAST_SECOND) {
      onSample(Math.round(seconds * 1e6), value, i);
    } else {
      const remedy = 'write seconds since 1970, as Prometheus does';
      const what = `${quoteValue(seconds)} is not a time in seconds`;
      problems.add({ path: samplePath(series, i), what, remedy });
    }
  }
}

/** Where the sample at a position stands, for problems. */
function samplePath({ place, isMoment }: AnsweredSeries, position: number): string {
  return `${place.path}.${isMoment ? 'value' : `values[${position}]`}`;
}

/** In the year 2255: beyond it a double does not hold every microsecond. Times in milliseconds are far behind it. */
const LAST_SECOND = Math.floor(Number.MAX_SAFE_INTEGER / 1e6);

const REMEDY = 'give what Prometheus answers to /api/v1/query_range';
const ASK_FOR_A_RANGE = 'ask /api/v1/query_range, with start, end and step';

/** JSON; of other texts that people have at hand when they think of Prometheus it says what they are. */
function parseAnswer(text: string, place: Place): unknown {
  try {
    return readJson(text, place);
  } catch (error) {
    const head = text.slice(0, 10_000);
    if (/^# (?:HELP|TYPE) /m.test(head))
      throw InputError.of('this is a page of /metrics: the counters of one moment', ASK_FOR_A_RANGE, place);
    if (/ @\[\d/.test(head))
      throw InputError.of(
        'this is text of promtool',
        'let it print JSON: promtool query range -o json',
        place,
      );
    throw error;
  }
}

function resultOf(
  root: unknown,
  takesMoments: boolean,
  place: Place,
): { result: readonly unknown[]; path: string } {
  if (Array.isArray(root)) return { result: root, path: '' };
  if (!isObject(root)) throw InputError.of('the file is no answer of Prometheus', REMEDY, place);
  if (root['status'] === 'error') {
    const kinds = [root['errorType'], root['error']].filter((part) => typeof part === 'string');
    const said = kinds.length === 0 ? '' : ` (${kinds.join(': ').slice(0, LONGEST_WARNING)})`;
    throw InputError.of(
      `Prometheus answered with an error${said}`,
      `mend the query and ${ASK_FOR_A_RANGE}`,
      place,
    );
  }
  const data = root['data'];
  if (!isObject(data)) throw InputError.of('the file is no answer of Prometheus', REMEDY, place);
  const { resultType = 'matrix' } = data;
  if (resultType === 'matrix' || (takesMoments && resultType === 'vector')) {
    const result = arrayOf(data['result']);
    if (result !== undefined) return { result, path: 'data.result' };
    throw InputError.of('is no list of series', REMEDY, { ...place, path: 'data.result' });
  }
  const moment = MOMENTS.includes(resultType) ? ', the values of one moment' : '';
  const path = 'data.resultType';
  throw InputError.of(`is ${quoteValue(resultType)}${moment}`, ASK_FOR_A_RANGE, { ...place, path });
}

/** Types of the answers to `/api/v1/query`. */
const MOMENTS: readonly unknown[] = ['vector', 'scalar', 'string'];

/** Of old servers among the warnings: that the name of Triton's counters does not end in `_total`, for example. */
const INFO = /^PromQL info/;
const MOST_WARNINGS = 5;
const LONGEST_WARNING = 200;

function warningsOf(root: unknown): string[] {
  if (!isObject(root)) return [];
  // VictoriaMetrics says so where a part of its storage did not answer.
  const partial = root['isPartial'] === true ? ['the answer is partial'] : [];
  const all = [...partial, ...(arrayOf(root['warnings']) ?? [])].filter(
    (warning) => typeof warning === 'string' && !INFO.test(warning),
  );
  const shown = all.slice(0, MOST_WARNINGS).map((warning) => (warning as string).slice(0, LONGEST_WARNING));
  return all.length > shown.length ? [...shown, `and ${all.length - shown.length} more times`] : shown;
}

function readSeries(
  series: unknown,
  takesMoments: boolean,
  place: AnsweredSeries['place'],
  problems: RowProblems,
): AnsweredSeries | undefined {
  const { path } = place;
  const metric = isObject(series) ? series['metric'] : undefined;
  if (!isObject(series) || !isObject(metric)) {
    problems.add({ path, what: `${quoteValue(series)} is not a series with its labels`, remedy: REMEDY });
    return undefined;
  }
  const { values, value, histograms } = series;
  const isMoment = takesMoments && values === undefined && value !== undefined;
  const pairs = isMoment ? [value] : arrayOf(values);
  if (pairs === undefined || histograms !== undefined) {
    problems.add({ path, ...withoutValues(series) });
    return undefined;
  }
  return { place, labels: labelsOf(metric, path, problems), pairs, isMoment };
}

function withoutValues(series: Record<string, unknown>): { what: string; remedy: string } {
  if (series['histograms'] !== undefined)
    return { what: 'is a native histogram', remedy: 'query histogram_count() of it' };
  if (series['value'] !== undefined)
    return { what: 'has one value, that of one moment', remedy: ASK_FOR_A_RANGE };
  return { what: 'has no list "values"', remedy: REMEDY };
}

function labelsOf(
  metric: Record<string, unknown>,
  path: string,
  problems: RowProblems,
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [label, value] of Object.entries(metric)) {
    if (typeof value === 'string') labels.set(label, value);
    else
      problems.add({
        path: `${path}.metric.${label.slice(0, 60)}`,
        what: `${quoteValue(value)} is not a text`,
      });
  }
  return labels;
}
