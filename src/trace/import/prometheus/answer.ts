import { InputError, type Place } from '../../../base/problem.js';
import { placeOf } from '../../collect.js';
import { parseNumber } from '../../number.js';
import { quoteValue, RowProblems } from '../../row-problems.js';
import { arrayOf, isObject, parseJson } from '../json.js';
import type { SourceFile } from '../options.js';
import { inOrder, type Samples } from './samples.js';

/** One series of an answer. */
export interface AnsweredSeries {
  readonly place: Place;
  /** All its labels, the name of the metric as `__name__` among them. */
  readonly labels: ReadonlyMap<string, string>;
  /** Those that hold a number. */
  readonly samples: Samples;
  /** How many hold none: NaN or an infinity. */
  readonly missing: number;
}

/** What Prometheus answers to one range query. */
export interface Answer {
  readonly series: readonly AnsweredSeries[];
  /** What Prometheus itself finds wrong with it. */
  readonly warnings: readonly string[];
}

/**
 * Reads what Prometheus (and what speaks its language: Thanos, Mimir, VictoriaMetrics) answers to
 * `/api/v1/query_range`: `{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {…},
 * "values": [[seconds, "value"], …]}]}}` (prometheus.io, Querying, HTTP API). Also the list of series alone, as
 * `promtool query range -o json` prints it.
 *
 * @throws InputError with the path of every problem
 */
export function readAnswer({ file, text }: SourceFile): Answer {
  const place = placeOf({ file });
  const root = parseAnswer(text, place);
  const { result, path } = resultOf(root, place);
  const problems = new RowProblems(place);
  const series = result.flatMap((each, i) => readSeries(each, { ...place, path: `${path}[${i}]` }, problems));
  problems.throwIfAny();
  return { series, warnings: warningsOf(root) };
}

const REMEDY = 'give what Prometheus answers to /api/v1/query_range';
const ASK_FOR_A_RANGE = 'ask /api/v1/query_range, with start, end and step';

/** JSON; of other texts that people have at hand when they think of Prometheus it says what they are. */
function parseAnswer(text: string, place: Place): unknown {
  try {
    return parseJson(text, place);
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

function resultOf(root: unknown, place: Place): { result: readonly unknown[]; path: string } {
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
  const { resultType } = data;
  const result = arrayOf(data['result']);
  if (resultType === 'matrix' && result !== undefined) return { result, path: 'data.result' };
  if (resultType === 'matrix' || typeof resultType !== 'string')
    throw InputError.of('is no list of series', REMEDY, { ...place, path: 'data.result' });
  const moment = MOMENTS.includes(resultType) ? ', the values of one moment' : '';
  const path = 'data.resultType';
  throw InputError.of(`is ${quoteValue(resultType)}${moment}`, ASK_FOR_A_RANGE, { ...place, path });
}

/** Types of the answers to `/api/v1/query`. */
const MOMENTS = ['vector', 'scalar', 'string'];

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
  place: Place & { path: string },
  problems: RowProblems,
): AnsweredSeries[] {
  const { path } = place;
  const metric = isObject(series) ? series['metric'] : undefined;
  if (!isObject(series) || !isObject(metric)) {
    problems.add({ path, what: `${quoteValue(series)} is not a series with its labels`, remedy: REMEDY });
    return [];
  }
  const values = arrayOf(series['values']);
  if (values === undefined || series['histograms'] !== undefined) {
    problems.add({ path, ...withoutValues(series) });
    return [];
  }
  const before = problems.count;
  for (const [label, value] of Object.entries(metric)) {
    if (typeof value === 'string') continue;
    problems.add({
      path: `${path}.metric.${label.slice(0, 60)}`,
      what: `${quoteValue(value)} is not a text`,
    });
  }
  const read = readSamples(values, path, problems);
  if (problems.count > before) return [];
  return [{ place, labels: new Map(Object.entries(metric as Record<string, string>)), ...read }];
}

function withoutValues(series: Record<string, unknown>): { what: string; remedy: string } {
  if (series['histograms'] !== undefined)
    return { what: 'is a native histogram', remedy: 'query histogram_count() of it' };
  if (series['value'] !== undefined)
    return { what: 'has one value, that of one moment', remedy: ASK_FOR_A_RANGE };
  return { what: 'has no list "values"', remedy: REMEDY };
}

function readSamples(
  pairs: readonly unknown[],
  path: string,
  problems: RowProblems,
): Pick<AnsweredSeries, 'samples' | 'missing'> {
  const timesUs = new Float64Array(pairs.length);
  const values = new Float64Array(pairs.length);
  let found = 0;
  for (const [i, pair] of pairs.entries()) {
    const sample = readSample(pair);
    if ('what' in sample) problems.add({ path: `${path}.values[${i}]`, ...sample });
    else if (Number.isFinite(sample.value)) {
      timesUs[found] = sample.us;
      values[found++] = sample.value;
    }
  }
  const samples = inOrder({ timesUs: timesUs.slice(0, found), values: values.slice(0, found) });
  return { samples, missing: pairs.length - found };
}

/** In the year 2255: beyond it a double does not hold every microsecond. Times in milliseconds are far behind it. */
const LAST_SECOND = Math.floor(Number.MAX_SAFE_INTEGER / 1e6);

/** A sample, or what is wrong with it. */
function readSample(
  pair: unknown,
): { readonly us: number; readonly value: number } | { readonly what: string; readonly remedy?: string } {
  const [seconds, text] = arrayOf(pair) ?? [];
  if (typeof seconds !== 'number' || (typeof text !== 'string' && typeof text !== 'number'))
    return { what: `${quoteValue(pair)} is not a time with a value` };
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
    const remedy = 'write seconds since 1970, as Prometheus does';
    return { what: `${quoteValue(seconds)} is not a time in seconds`, remedy };
  }
  const isWord = WORD.test(`${text}`);
  const value = isWord ? Number.NaN : parseNumber(`${text}`);
  if (Number.isNaN(value) && !isWord) return { what: `${quoteValue(text)} is not a value` };
  if (value < 0)
    return { what: `${quoteValue(text)} is below 0`, remedy: 'query a counter of requests, or its rate' };
  if (value > Number.MAX_SAFE_INTEGER && Number.isFinite(value))
    return { what: `${quoteValue(text)} is more than can be counted` };
  return { us: Math.round(seconds * 1e6), value };
}

/** Values that are no numbers, as Go prints them: the sample is there, what it would say is not. */
const WORD = /^\s*(?:nan|[+-]?inf(?:inity)?)\s*$/i;
