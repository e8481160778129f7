import { InputError } from '../../base/problem.js';
import type { MetricsPage } from '../../live/metrics-page.js';
import { MODEL_METRICS, modelCounters } from '../../live/server-metrics.js';
import { labelsKey } from '../../trace/import/prometheus/answer.js';
import { quoteValue } from '../../trace/row-problems.js';
import { type Scrape, samplesOf, sumOf } from './scrapes.js';

/** What one model's counters grew by between two scrapes. */
export interface CounterInterval {
  /** NaN where the scrapes bear no time. */
  readonly seconds: number;
  /** Requests that were executed: answers from the response cache are not among them. */
  readonly requests: number;
  readonly inferences: number;
  readonly executions: number;
  /** Servers, or GPUs of one, that executed them: those with series of their own. */
  readonly places: number;
  /** Means over requests, in microseconds: a batch of k requests counts k times (core infer_stats.cc). */
  readonly requestUs: number;
  readonly queueUs: number;
  readonly inputUs: number;
  readonly inferUs: number;
  readonly outputUs: number;
}

export interface ModelIntervals {
  readonly model: string;
  readonly intervals: readonly CounterInterval[];
  /** Intervals in which a counter went back, came or went: the model was loaded anew, or a version or a server was. */
  readonly resets: number;
}

/**
 * Growth of the counters from scrape to scrape, by model; intervals without an execution are left out.
 * @throws InputError with the models of which counters are missing
 */
export function counterIntervals(scrapes: readonly Scrape[]): ModelIntervals[] {
  const readings = scrapes.map(readingsOf);
  const models = [...new Set(readings.flatMap((reading) => [...reading.keys()]))].sort();
  const series = scrapes.map(({ page }) => seriesOf(page));
  requireCounters(models, series);
  return models.map((model) => {
    const pairs = readings.slice(1).flatMap((reading, i) => {
      const [before, after] = [readings[i]!.get(model), reading.get(model)];
      if (before === undefined || after === undefined) return [];
      const seconds = (scrapes[i + 1]!.atS ?? Number.NaN) - (scrapes[i]!.atS ?? Number.NaN);
      const isWhole = goesOn(series[i]!.get(model), series[i + 1]!.get(model));
      return [{ seconds, before, after, isWhole, places: placesOf(scrapes[i]!.page, model) }];
    });
    const kept = pairs.filter(({ isWhole }) => isWhole);
    return {
      model,
      intervals: kept.map(intervalOf).filter(({ executions, requests }) => executions > 0 && requests > 0),
      resets: pairs.length - kept.length,
    };
  });
}

const NAMES = [
  'requests',
  'inferences',
  'executions',
  'requestUs',
  'queueUs',
  'inputUs',
  'inferUs',
  'outputUs',
] as const;

type Reading = Readonly<Record<(typeof NAMES)[number], number>>;

/** The counters of each model, its versions and devices added up. */
function readingsOf({ page }: Scrape): ReadonlyMap<string, Reading> {
  const readings = new Map<string, Reading>();
  for (const counters of modelCounters(page)) {
    const { model } = counters;
    const reading: Reading = {
      requests: counters.successCount,
      inferences: counters.inferenceCount,
      executions: counters.executionCount,
      requestUs: counters.requestUs,
      queueUs: counters.queueUs,
      inputUs: counters.computeInputUs,
      inferUs: counters.computeInferUs,
      outputUs: counters.computeOutputUs,
    };
    const before = readings.get(model);
    readings.set(model, before === undefined ? reading : add(before, reading));
  }
  for (const [model, reading] of readings) {
    const of = (name: string) => sumOf(page, name, model) ?? 0;
    readings.set(model, {
      ...reading,
      requests: reading.requests - of(CACHE_HITS),
      requestUs: reading.requestUs - CACHE_US.reduce((sum, name) => sum + of(name), 0),
    });
  }
  return readings;
}

const { failureCount: _, ...NEEDED } = MODEL_METRICS;
const CACHE_HITS = 'nv_cache_num_hits_per_model';
/** What the response cache takes of requests: of those that it answers all but their queue, of others looking up and storing. */
const CACHE_US = ['nv_cache_hit_duration_per_model', 'nv_cache_miss_duration_per_model'];

/** The counters of a model: by name, the value of each series. */
type CounterSeries = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Every series of each model's counters. Sums hide that one of them came, went or began anew. */
function seriesOf(page: MetricsPage): ReadonlyMap<string, CounterSeries> {
  const byModel = new Map<string, Map<string, Map<string, number>>>();
  for (const name of [...Object.values(NEEDED), CACHE_HITS]) {
    for (const { labels, value } of page.get(name) ?? []) {
      const model = labels.get('model');
      if (model === undefined || !Number.isFinite(value)) continue;
      const counters = byModel.get(model) ?? new Map<string, Map<string, number>>();
      byModel.set(model, counters);
      const values = counters.get(name) ?? new Map<string, number>();
      counters.set(name, values);
      values.set(labelsKey(labels), value);
    }
  }
  return byModel;
}

/** Whether each series is in both, and none fell. */
function goesOn(before: CounterSeries = new Map(), after: CounterSeries = new Map()): boolean {
  const isSame = (name: string) => before.get(name)?.size === after.get(name)?.size;
  return [...Object.values(NEEDED), CACHE_HITS].every(
    (name) =>
      isSame(name) &&
      [...(before.get(name) ?? [])].every(([key, value]) => (after.get(name)!.get(key) ?? -1) >= value),
  );
}

/** Without one of them a figure would count as 0. */
function requireCounters(
  models: readonly string[],
  scrapes: readonly ReadonlyMap<string, CounterSeries>[],
): void {
  const problems = models.flatMap((model) => {
    const missing = Object.values(NEEDED).filter(
      (name) => !scrapes.some((each) => each.get(model)?.has(name)),
    );
    if (missing.length === 0) return [];
    return [
      {
        what: `of ${quoteValue(model)} there is no ${missing.join(', ')}`,
        remedy:
          'give these counters too; where Triton keeps summaries instead, start it with --metrics-config counter_latencies=true',
      },
    ];
  });
  if (problems.length > 0) throw new InputError(problems);
}

function add(a: Reading, b: Reading): Reading {
  return Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])) as unknown as Reading;
}

/** Versions of a model share their place. */
function placesOf(page: MetricsPage, model: string): number {
  const places = samplesOf(page, NEEDED.executionCount, model).map(({ labels }) =>
    labelsKey(new Map([...labels].filter(([label]) => label !== 'version'))),
  );
  return new Set(places).size;
}

function intervalOf({
  seconds,
  places,
  before,
  after,
}: {
  readonly seconds: number;
  readonly places: number;
  readonly before: Reading;
  readonly after: Reading;
}): CounterInterval {
  const grown = (name: (typeof NAMES)[number]) => after[name] - before[name];
  const requests = grown('requests');
  const perRequest = (name: (typeof NAMES)[number]) => grown(name) / requests;
  return {
    seconds,
    requests,
    inferences: grown('inferences'),
    executions: grown('executions'),
    places,
    requestUs: perRequest('requestUs'),
    queueUs: perRequest('queueUs'),
    inputUs: perRequest('inputUs'),
    inferUs: perRequest('inferUs'),
    outputUs: perRequest('outputUs'),
  };
}
