import type { Place } from '../../../base/problem.js';
import { quoteValue, type RowProblems } from '../../row-problems.js';
import type { ImportOptions, SeriesValues } from '../options.js';

/** A series as far as it says what it counts. */
export interface NamedSeries {
  readonly place: Place;
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Triton's counters of requests by model and version (server docs/user_guide/metrics.md), with the suffix that
 * some collectors add. Requests that failed or were refused arrived as well.
 */
const REQUESTS = /^nv_inference_request_(?:success|failure)(?:_total)?$/;

/** Inferences in the requests that succeeded: more than requests where those hold several. */
const INFERENCES = /^nv_inference_count(?:_total)?$/;

/** Executions, times, memory, energy, requests that wait. */
const OTHERS_OF_TRITON = /^nv_/;

export function countsFailures(series: NamedSeries): boolean {
  return /^nv_inference_request_failure/.test(nameOf(series) ?? '');
}

export function countsInferences(series: NamedSeries): boolean {
  return INFERENCES.test(nameOf(series) ?? '');
}

function nameOf({ labels }: NamedSeries): string | undefined {
  return labels.get('__name__');
}

/** The names of the metrics, each once. */
export function namesOf(series: readonly NamedSeries[]): string[] {
  return [...new Set(series.map(nameOf).filter((name) => name !== undefined))].sort();
}

/**
 * What the values of all series are: as the options say, else counters where the names say so: `rate` and
 * `increase` drop the name, but gauges and recording rules have one, too. What cannot be told, or what says
 * something else than requests, becomes a problem.
 */
export function valuesOf(
  series: readonly NamedSeries[],
  { values, windowUs }: ImportOptions,
  problems: RowProblems,
): SeriesValues {
  const before = problems.count;
  addOtherFigures(series, problems);
  addSeveralMetrics(series, problems);
  checkWindow(values, windowUs, series[0]?.place ?? {}, problems);
  if (problems.count > before) return values ?? 'counter';
  const counter = series.find((each) => isCounter(nameOf(each)));
  const other = series.find((each) => !isCounter(nameOf(each)));
  if (values === undefined && other !== undefined) {
    const name = nameOf(other);
    problems.add({
      ...other.place,
      what: `${name === undefined ? 'has no __name__' : `the name ${quoteValue(name)} is not that of a counter`}: are its values requests so far, or a rate?`,
      remedy: 'say it: --values counter, --values rate, or --values increase with --window',
    });
  }
  if (values !== undefined && values !== 'counter' && counter !== undefined) {
    const what = `${quoteValue(nameOf(counter))} is a counter and no ${values}`;
    problems.add({ ...counter.place, what, remedy: 'leave out --values' });
  }
  return values ?? 'counter';
}

/** Certain are Triton's own and what ends in `_total`, as the OpenMetrics specification has it of counters alone. */
function isCounter(name: string | undefined): boolean {
  return isOfTriton(name) || /_total$/.test(name ?? '');
}

function isOfTriton(name: string | undefined): boolean {
  return name !== undefined && (REQUESTS.test(name) || INFERENCES.test(name));
}

function addOtherFigures(series: readonly NamedSeries[], problems: RowProblems): void {
  for (const each of series) {
    const name = nameOf(each);
    if (name === undefined || !OTHERS_OF_TRITON.test(name) || isOfTriton(name)) continue;
    const what = `${quoteValue(name)} does not count requests`;
    problems.add({ ...each.place, what, remedy: 'query nv_inference_request_success' });
  }
}

/** Different metrics count the same requests twice, or something else. */
function addSeveralMetrics(series: readonly NamedSeries[], problems: RowProblems): void {
  const kindOf = (each: NamedSeries) => (isOfTriton(nameOf(each)) ? 'of Triton' : nameOf(each));
  const other = series.find((each) => kindOf(each) !== kindOf(series[0]!));
  if (other === undefined) return;
  const [first, second] = [series[0]!, other].map((each) => quoteValue(nameOf(each) ?? 'no __name__'));
  problems.add({
    ...other.place,
    what: `series of ${second} beside those of ${first}: they may count the same requests twice`,
    remedy: 'import those of one metric that counts requests',
  });
}

function checkWindow(
  values: SeriesValues | undefined,
  windowUs: number | undefined,
  place: Place,
  problems: RowProblems,
): void {
  if (windowUs === undefined) {
    if (values !== 'increase') return;
    problems.add({
      ...place,
      what: 'an answer does not say over which time its values are increases',
      remedy: "write the time in the query's brackets: --window 1m for increase(…[1m])",
    });
  } else if (values !== 'increase') {
    const what = 'a time over which values count is of no use without --values increase';
    problems.add({ ...place, what, remedy: 'leave out --window' });
  } else if (!(windowUs > 0 && Number.isSafeInteger(windowUs))) {
    const what = `values cannot count over ${windowUs / 1e6} s`;
    problems.add({ ...place, what, remedy: 'write whole microseconds above 0 (--window)' });
  }
}
