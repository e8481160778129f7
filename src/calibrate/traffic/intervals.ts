import { modelCounters } from '../../live/server-metrics.js';
import { type Scrape, sumOf } from './scrapes.js';

/** What one model's counters grew by between two scrapes. */
export interface CounterInterval {
  /** NaN where the scrapes bear no time. */
  readonly seconds: number;
  /** Requests that were executed: answers from the response cache are not among them. */
  readonly requests: number;
  readonly inferences: number;
  readonly executions: number;
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
  /** Intervals in which a counter went back: the model was loaded anew, or a server came or went. */
  readonly resets: number;
}

/** Growth of the counters from scrape to scrape, by model; intervals without an execution are left out. */
export function counterIntervals(scrapes: readonly Scrape[]): ModelIntervals[] {
  const readings = scrapes.map(readingsOf);
  const models = [...new Set(readings.flatMap((reading) => [...reading.keys()]))].sort();
  return models.map((model) => {
    const pairs = readings.slice(1).flatMap((reading, i) => {
      const [before, after] = [readings[i]!.get(model), reading.get(model)];
      if (before === undefined || after === undefined) return [];
      return [
        { seconds: (scrapes[i + 1]!.atS ?? Number.NaN) - (scrapes[i]!.atS ?? Number.NaN), before, after },
      ];
    });
    const kept = pairs.filter(({ before, after }) => NAMES.every((name) => after[name] >= before[name]));
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
    const hits = sumOf(page, 'nv_cache_num_hits_per_model', model) ?? 0;
    readings.set(model, { ...reading, requests: reading.requests - hits });
  }
  return readings;
}

function add(a: Reading, b: Reading): Reading {
  return Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])) as unknown as Reading;
}

function intervalOf({
  seconds,
  before,
  after,
}: {
  readonly seconds: number;
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
    requestUs: perRequest('requestUs'),
    queueUs: perRequest('queueUs'),
    inputUs: perRequest('inputUs'),
    inferUs: perRequest('inferUs'),
    outputUs: perRequest('outputUs'),
  };
}
