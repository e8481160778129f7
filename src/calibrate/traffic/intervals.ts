import { InputError } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import type { MetricsPage } from '../../live/metrics-page.js';
import { MODEL_METRICS } from '../../live/server-metrics.js';
import { labelsKey } from '../../trace/import/prometheus/answer.js';
import { quoteValue } from '../../trace/row-problems.js';
import { type Scrape, samplesOf } from './scrapes.js';

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
  const series = scrapes.map(({ page }) => seriesOf(page));
  const models = [...new Set(series.flatMap((each) => [...each.keys()]))].sort();
  requireCounters(models, series);
  return models.map((model) => {
    const pairs = series.slice(1).flatMap((later, i) => {
      const [before, after] = [series[i]!.get(model), later.get(model)];
      if (before === undefined || after === undefined) return [];
      const seconds = (scrapes[i + 1]!.atS ?? Number.NaN) - (scrapes[i]!.atS ?? Number.NaN);
      return [{ seconds, before, after, places: placesOf(scrapes[i]!.page, model) }];
    });
    const kept = pairs.filter(({ before, after }) => goesOn(before, after));
    return {
      model,
      intervals: kept.map(intervalOf).filter(({ executions, requests }) => executions > 0 && requests > 0),
      resets: pairs.length - kept.length,
    };
  });
}

const { failureCount: _, ...NEEDED } = MODEL_METRICS;
const CACHE_HITS = 'nv_cache_num_hits_per_model';
/** What the response cache takes of requests: of those that it answers all but their queue, of others looking up and storing. */
const CACHE_US = ['nv_cache_hit_duration_per_model', 'nv_cache_miss_duration_per_model'];
const OF_CACHE = [CACHE_HITS, ...CACHE_US];

/** The counters of a model: by name, the value of each series. */
type CounterSeries = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Every series of each model's counters. Sums hide that one of them came, went or began anew. */
function seriesOf(page: MetricsPage): ReadonlyMap<string, CounterSeries> {
  const byModel = new Map<string, Map<string, Map<string, number>>>();
  for (const name of [...Object.values(MODEL_METRICS), ...OF_CACHE]) {
    for (const { labels, value } of page.get(name) ?? []) {
      const model = labels.get('model');
      if (model === undefined || !Number.isFinite(value)) continue;
      // The counters of the cache alone make no model.
      if (OF_CACHE.includes(name) && !byModel.has(model)) continue;
      const counters = remembered(byModel, model, () => new Map<string, Map<string, number>>());
      remembered(counters, name, () => new Map()).set(labelsKey(labels), value);
    }
  }
  return byModel;
}

/** Whether each series is in both, and none fell. */
function goesOn(before: CounterSeries, after: CounterSeries): boolean {
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

/** Versions of a model share their place. */
function placesOf(page: MetricsPage, model: string): number {
  const places = samplesOf(page, NEEDED.executionCount, model).map(({ labels }) =>
    labelsKey(new Map([...labels].filter(([label]) => label !== 'version'))),
  );
  return new Set(places).size;
}

/** What lies between two readings of a model's counters, all of its versions and devices together. */
interface Pair {
  readonly seconds: number;
  readonly places: number;
  readonly before: CounterSeries;
  readonly after: CounterSeries;
}

function intervalOf({ seconds, places, before, after }: Pair): CounterInterval {
  const grown = (name: string) => sumOf(after, name) - sumOf(before, name);
  const requests = grown(NEEDED.successCount) - grown(CACHE_HITS);
  const requestUs = CACHE_US.reduce((us, name) => us - grown(name), grown(NEEDED.requestUs));
  return {
    seconds,
    requests,
    inferences: grown(NEEDED.inferenceCount),
    executions: grown(NEEDED.executionCount),
    places,
    requestUs: requestUs / requests,
    queueUs: grown(NEEDED.queueUs) / requests,
    inputUs: grown(NEEDED.computeInputUs) / requests,
    inferUs: grown(NEEDED.computeInferUs) / requests,
    outputUs: grown(NEEDED.computeOutputUs) / requests,
  };
}

function sumOf(counters: CounterSeries, name: string): number {
  return [...(counters.get(name)?.values() ?? [])].reduce((sum, value) => sum + value, 0);
}
