import { InputError } from '../../../base/problem.js';
import { RandomStreams } from '../../../base/random.js';
import { placeOf } from '../../collect.js';
import { quoteValue, RowProblems } from '../../row-problems.js';
import { Arrivals, isWanted } from '../arrivals.js';
import { checkRequestCount } from '../limit.js';
import type { ImportedTrace, ImportOptions } from '../options.js';
import { MAX_BIN_US, spreadCount } from '../spread.js';
import { type AnsweredSeries, forEachSample, forEachSeries, labelsKey } from './answer.js';

/**
 * Load as Prometheus has stored it: what it answers to a range query of a counter of requests, such as Triton's
 * `nv_inference_request_success`, or of its `rate`. The series of a tenant (by default that of their label `model`) are
 * added; time 0 is the first sample. Where the arrivals between two samples lie is not known: they are drawn anywhere
 * between them (`uniform`) unless `spread` says otherwise, since evenly spaced tenants would all arrive together.
 *
 * A request is counted when it has been answered, which is soon after its arrival. Triton counts the steps of an
 * ensemble as requests of their models, too, and those that a full queue refuses nowhere (seen of release 24.10).
 *
 * @throws InputError with every problem of the text
 */
export function importPrometheus(text: string, options: ImportOptions = {}): ImportedTrace {
  const place = placeOf(options);
  const problems = new RowProblems(place);
  const found: CountedSeries[] = [];
  const take = (series: AnsweredSeries) => found.push(countedSeries(series, options, problems));
  const warnings = forEachSeries({ file: options.file, text }, take, problems);
  checkNames(found, options, problems);
  problems.throwIfAny();
  const bounds = found.flatMap(({ samples }) =>
    [samples[0], samples.at(-1)].filter((each) => each !== undefined),
  );
  const startUs = bounds.reduce((first, { us }) => Math.min(first, us), Number.POSITIVE_INFINITY);
  const endUs = bounds.reduce((last, { us }) => Math.max(last, us), 0);
  if (endUs <= startUs || bounds.length === 0) {
    const what = 'no series has two values, between which requests came';
    throw InputError.of(what, 'check the query, and ask for a range of several steps', place);
  }
  const arrivals = new Arrivals(options);
  const streams = new RandomStreams(options.seed ?? 0);
  const ordered = found.toSorted((a, b) => (`${a.tenant} ${a.key}` < `${b.tenant} ${b.key}` ? -1 : 1));
  for (const series of ordered) {
    arrivals.tenant(series.tenant);
    const random = streams.get(`prometheus/${series.key}`);
    for (const { fromUs, toUs, count } of increasesOf(series, options, problems)) {
      checkRequestCount(arrivals.count + count, options);
      const times = spreadCount(count, fromUs - startUs, toUs - fromUs, options.spread ?? 'uniform', random);
      for (const us of times) if (isWanted(us, options)) arrivals.add(us, series.tenant);
    }
  }
  problems.throwIfAny();
  const what = options.values === 'rate' ? 'rates' : 'counters';
  const source = `Prometheus ${what} since ${startUs / 1e6}`;
  const trace = arrivals.toTrace(source, { lastUs: endUs - startUs });
  return {
    trace,
    notes: [...warnings.map((warning) => `Prometheus warned: ${warning}`), ...onResets(found, options)],
  };
}

interface Sample {
  readonly us: number;
  readonly value: number;
}

interface CountedSeries extends Pick<AnsweredSeries, 'place' | 'labels'> {
  readonly tenant: string;
  readonly key: string;
  /** Those that hold a number, in order of time. */
  readonly samples: readonly Sample[];
}

function countedSeries(series: AnsweredSeries, options: ImportOptions, problems: RowProblems): CountedSeries {
  const { place, labels } = series;
  const samples: Sample[] = [];
  const add = (us: number, value: number) => {
    if (value < 0) problems.add({ ...place, what: `${quoteValue(value)} requests cannot have come` });
    else if (Number.isFinite(value)) samples.push({ us, value });
  };
  forEachSample(series, add, problems);
  samples.sort((a, b) => a.us - b.us);
  return { place, labels, samples, key: labelsKey(labels), tenant: tenantOf(series, options, problems) };
}

function tenantOf({ labels, place }: AnsweredSeries, options: ImportOptions, problems: RowProblems): string {
  const { tenantBy = 'model', tenant } = options;
  const name = labels.get(tenantBy) || tenant;
  if (name !== undefined) return name;
  const present = [...labels.keys()].filter((label) => label !== '__name__');
  problems.add({
    ...place,
    what: `has no label ${quoteValue(tenantBy)} that could name the tenant (${present.length === 0 ? 'it has none' : `it has ${quoteValue(present.join(', '))}`})`,
    remedy: 'query by (model), name another label (--tenant-by), or the tenant itself (--tenant)',
  });
  return '';
}

/** Of Triton's own counters only these count requests that were answered (server docs/user_guide/metrics.md). */
const REQUESTS = /^nv_inference_request_success(?:_total)?$/;

/** `rate` drops the name of a metric, and different metrics count the same requests twice, or something else. */
function checkNames(found: readonly CountedSeries[], { values }: ImportOptions, problems: RowProblems): void {
  const first = found[0]?.labels.get('__name__');
  for (const { labels, place } of found) {
    const name = labels.get('__name__');
    if (name?.startsWith('nv_') === true && !REQUESTS.test(name)) {
      const remedy = 'query nv_inference_request_success';
      problems.add({ ...place, what: `${quoteValue(name)} does not count requests`, remedy });
    } else if (name !== first) {
      const [a, b] = [name, first].map((each) => quoteValue(each ?? 'no __name__'));
      const remedy = 'import those of one metric that counts requests';
      problems.add({ ...place, what: `series of ${a} beside those of ${b}`, remedy });
    } else if (name === undefined && values === undefined) {
      const what = 'has no __name__: are its values requests so far, or a rate?';
      problems.add({ ...place, what, remedy: 'say it: --values counter or --values rate' });
    }
  }
}

interface Increase {
  readonly fromUs: number;
  readonly toUs: number;
  readonly count: number;
}

/**
 * What came between two samples. A counter that went back began again at 0: what it holds came since. A rate, in
 * requests per second, is taken as that of the time before its sample; what is no whole request is carried on.
 */
function* increasesOf(
  { samples, place }: CountedSeries,
  options: ImportOptions,
  problems: RowProblems,
): Generator<Increase> {
  let [expected, counted] = [0, 0];
  for (const [i, { us: toUs, value }] of samples.entries()) {
    const before = samples[i - 1];
    if (before === undefined || before.us === toUs) continue;
    const lengthUs = toUs - before.us;
    if (lengthUs > MAX_BIN_US) {
      const what = `nothing is known from ${before.us / 1e6} to ${toUs / 1e6}`;
      problems.add({ ...place, what, remedy: 'ask for steps of an hour at most' });
      return;
    }
    const since = value < before.value ? value : value - before.value;
    expected += options.values === 'rate' ? (value * lengthUs) / 1e6 : since;
    const count = Math.max(0, Math.round(expected) - counted);
    counted += count;
    yield { fromUs: before.us, toUs, count };
  }
}

function onResets(found: readonly CountedSeries[], { values }: ImportOptions): string[] {
  const resets = found.reduce(
    (sum, { samples }) => sum + samples.filter(({ value }, i) => value < (samples[i - 1]?.value ?? 0)).length,
    0,
  );
  if (values === 'rate' || resets === 0) return [];
  return [
    `counters that began again at 0: ${resets}; what came between the last sample before and that is left out`,
  ];
}
