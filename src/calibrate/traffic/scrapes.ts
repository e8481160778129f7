import { groupBy } from '../../base/group-by.js';
import { InputError, type Place, readAll } from '../../base/problem.js';
import {
  type MetricSample,
  type MetricsPage,
  parseMetricsPage,
  readMetricNumber,
} from '../../live/metrics-page.js';
import { arrayOf, isObject, parseJson } from '../../trace/import/json.js';
import { quoteValue, RowProblems } from '../../trace/row-problems.js';

/** All counters of a server at one moment. */
export interface Scrape {
  /** Seconds since 1970, or since any other fixed moment; undefined where the source does not say. */
  readonly atS: number | undefined;
  readonly page: MetricsPage;
}

/** A file of counters. */
export interface CounterFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Counters over time from files in order of time: pages of `/metrics`, one scrape each, and answers of
 * Prometheus' HTTP API (`query` or `query_range`; one file may hold one counter or many), which are
 * joined by their times.
 *
 * @throws InputError with the problems of all files
 */
export function readScrapes(files: readonly CounterFile[]): Scrape[] {
  const answered: Answered = new Map();
  const pages = readAll(files, ({ file, text }): Scrape[] => {
    if (!/^\s*[{[]/.test(text)) return [scrapeOf(parseMetricsPage(text, file))];
    addAnswer(text, { file }, answered);
    return [];
  }).flat();
  const inTime = [...answered].sort(([a], [b]) => a - b);
  return [...pages, ...inTime.map(([atS, samples]) => ({ atS, page: pageOf([...samples.values()]) }))];
}

/** Sum of a metric over all its series that belong to a model; undefined where there is none. */
export function sumOf(page: MetricsPage, name: string, model: string): number | undefined {
  const samples = samplesOf(page, name, model);
  return samples.length === 0 ? undefined : samples.reduce((sum, { value }) => sum + value, 0);
}

/** The series of a metric that belong to a model and hold a number. */
export function samplesOf(page: MetricsPage, name: string, model: string): readonly MetricSample[] {
  return (page.families.get(name)?.samples ?? []).filter(
    ({ labels, value }) => labels.get('model') === model && Number.isFinite(value),
  );
}

/** A page bears the time of its samples, where it has any. */
function scrapeOf(page: MetricsPage): Scrape {
  for (const { samples } of page.families.values()) {
    for (const { timestampMs } of samples) {
      if (timestampMs !== undefined) return { atS: timestampMs / 1000, page };
    }
  }
  return { atS: undefined, page };
}

const REMEDY = 'give pages of /metrics, or what Prometheus answers to /api/v1/query_range';

/** Samples by their time, then by their series: answers that touch or overlap tell the same one again. */
type Answered = Map<number, Map<string, MetricSample>>;

function addAnswer(text: string, place: Place, answered: Answered): void {
  const answer = parseJson(text, place);
  const data = isObject(answer) ? answer['data'] : undefined;
  const result = isObject(data) ? arrayOf(data['result']) : undefined;
  if (result === undefined) {
    const error = isObject(answer) && typeof answer['error'] === 'string' ? ` (${answer['error']})` : '';
    throw InputError.of(`the file is no answer of Prometheus with a result${error}`, REMEDY, place);
  }
  const problems = new RowProblems(place);
  for (const [i, series] of result.entries()) addSeries(series, `data.result[${i}]`, { answered, problems });
  problems.throwIfAny();
}

interface Sink {
  readonly answered: Answered;
  readonly problems: RowProblems;
}

function addSeries(series: unknown, path: string, { answered, problems }: Sink): void {
  const metric = isObject(series) && isObject(series['metric']) ? series['metric'] : undefined;
  const name = metric?.['__name__'];
  if (!isObject(series) || metric === undefined || typeof name !== 'string') {
    const remedy = 'query the counters themselves: a rate or a sum loses the name';
    problems.add({ path, what: 'has no __name__', remedy });
    return;
  }
  const labels: ReadonlyMap<string, string> = new Map(
    Object.entries(metric)
      .filter(([label]) => label !== '__name__')
      .map(([label, value]) => [label, String(value)]),
  );
  const key = seriesKey(name, labels);
  const values = arrayOf(series['values']) ?? (series['value'] === undefined ? [] : [series['value']]);
  for (const [i, pair] of values.entries()) {
    const [time, text] = arrayOf(pair) ?? [];
    // Words as on a page: gauges that come along may be NaN.
    const value =
      typeof text === 'string' || typeof text === 'number' ? readMetricNumber(`${text}`) : undefined;
    if (typeof time !== 'number' || !Number.isFinite(time) || value === undefined) {
      problems.add({ path: `${path}.values[${i}]`, what: `${quoteValue(pair)} is not a time with a value` });
      continue;
    }
    const samples = answered.get(time) ?? new Map<string, MetricSample>();
    answered.set(time, samples);
    samples.set(key, { name, labels, value });
  }
}

/** Equal for samples of one series, in whatever order their labels come. */
export function seriesKey(name: string, labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function pageOf(samples: readonly MetricSample[]): MetricsPage {
  const families = [...groupBy(samples, ({ name }) => name)].map(
    ([name, of]) => [name, { name, type: 'untyped', help: '', samples: of }] as const,
  );
  return { families: new Map(families) };
}
