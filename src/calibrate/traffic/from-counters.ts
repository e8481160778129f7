import { InputError } from '../../base/problem.js';
import { SHORTEST_MS } from '../../effects/values.js';
import type { ServicePoint } from '../../profile/profile.js';
import { totalMs } from '../../profile/service-time.js';
import { instancesSideBySide } from '../experiment.js';
import { byPhase, executionUs, type Phase } from '../fit/phases.js';
import { type FittedLine, fitLine } from '../weighted-line.js';
import { batchMixture } from './batch-mixture.js';
import { type CounterInterval, counterIntervals, type ModelIntervals } from './intervals.js';
import { observedTraffic } from './observed-traffic.js';
import { type CounterFile, readScrapes, type Scrape, samplesOf } from './scrapes.js';
import { type TrafficFacts, type TrafficFit, trafficProfile } from './traffic-profile.js';

export interface CounterOptions {
  /** Seconds between scrapes that bear no time of their own. */
  readonly intervalS?: number;
}

/**
 * Calibrates every model whose counters grew between the scrapes. Each interval gives one mean batch and
 * one mean of each phase; over intervals of different load they give a line over the batch size. That
 * is all that counters hold: no curve, no spread, no slowdown.
 *
 * @throws InputError for files that are no counters, fewer than two scrapes, missing counters, or counters at rest
 */
export function calibrateFromCounters(
  files: readonly CounterFile[],
  facts: TrafficFacts,
  { intervalS }: CounterOptions = {},
): TrafficFit[] {
  const scrapes = readScrapes(files).map((scrape, i) =>
    scrape.atS === undefined && intervalS !== undefined ? { ...scrape, atS: i * intervalS } : scrape,
  );
  const place = files.length === 1 ? { file: files[0]!.file } : {};
  if (scrapes.length < 2) {
    throw InputError.of('one scrape says nothing: counters count since the model was loaded', MORE, place);
  }
  const models = counterIntervals(scrapes).filter(({ intervals }) => intervals.length > 0);
  if (models.length === 0) {
    throw InputError.of('no counter of an executed model grows from scrape to scrape', MORE, place);
  }
  return models.map((model) => ({
    ...fitModel(model, { facts, scrapes, models: models.length }),
    traffic: observedTraffic(model.intervals),
  }));
}

const MORE = 'give two or more scrapes in order of time, with traffic between them';

interface FitContext {
  readonly facts: TrafficFacts;
  readonly scrapes: readonly Scrape[];
  /** Models with traffic. */
  readonly models: number;
}

function fitModel(traffic: ModelIntervals, { facts, scrapes, models }: FitContext): TrafficFit {
  const { model, intervals } = traffic;
  const config = facts.configs?.get(model);
  const points = pointsOf(intervals, config?.maxBatchSize);
  const service = serviceOf(points);
  const response = fitLine(
    points.map(({ interval, requestsInExecution, weight }) => ({
      x: requestsInExecution,
      y: Math.max(0, leftOverUs(interval)),
      weight,
    })),
  );
  const busyShare = busyShareOf(points, service.totals);
  const maxInstances = config === undefined ? 1 : instancesSideBySide(config);
  return trafficProfile(
    model,
    {
      service: service.points,
      spread: { law: 'none' },
      response: { fixedUs: response.intercept, perRequestUs: response.slope },
      frontEnd: { perRequestUs: 0 },
      interference: { pairs: [] },
      region: {
        maxUtilization: Number.isFinite(busyShare) ? busyShare : 0,
        maxInstances,
        sharing: models > 1 ? ['streams'] : ['exclusive'],
      },
      loadMs: 1000 * loadSeconds(scrapes, model),
      firstInferenceMs: 0,
    },
    facts,
    [
      ...service.uncertain,
      'The spread of service times is not known from counters; every execution takes its mean, so tails come out short.',
      'The front end is not known from counters and counts as 0.',
      ...(models > 1 ? ['Service times include what the other models of the server cost it.'] : []),
      ...(maxInstances > 1 ? ['Service times include what its instances cost each other.'] : []),
      ...(Number.isFinite(busyShare) ? [] : ['Utilization is not known: the scrapes bear no times.']),
      ...(traffic.resets === 0
        ? []
        : [
            `${traffic.resets} intervals are left out: a counter went back, or a version or a server came or went.`,
          ]),
    ],
  );
}

/** One interval as a point of the regression. */
interface IntervalPoint {
  readonly interval: CounterInterval;
  /** Inferences in the execution of a mean request. */
  readonly batch: number;
  /** The same without the guess on how batches spread: a mean execution. */
  readonly leastBatch: number;
  /** Requests in the execution of a mean request. */
  readonly requestsInExecution: number;
  readonly weight: number;
}

/** How batches spread depends on the service time, and the fit of that on the spread: a few rounds settle both. */
const ROUNDS = 4;

function pointsOf(intervals: readonly CounterInterval[], maxBatchSize: number | undefined) {
  let points = intervals.map((interval) => pointOf(interval, { maxBatchSize, elasticity: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    const { intercept, slope } = linesOf(points).total;
    points = points.map(({ interval, leastBatch }) => {
      const elasticity = (slope * leastBatch) / (intercept + slope * leastBatch) || 0;
      return pointOf(interval, { maxBatchSize, elasticity });
    });
  }
  return points;
}

function pointOf(
  interval: CounterInterval,
  { maxBatchSize, elasticity }: { readonly maxBatchSize: number | undefined; readonly elasticity: number },
): IntervalPoint {
  const inferencesEach = interval.inferences / interval.requests;
  const most = maxBatchSize === undefined ? Number.POSITIVE_INFINITY : maxBatchSize / inferencesEach;
  const { perExecution, perRequest } = batchMixture(interval.requests / interval.executions, {
    most,
    elasticity,
  });
  return {
    interval,
    batch: perRequest * inferencesEach,
    leastBatch: perExecution * inferencesEach,
    requestsInExecution: perRequest,
    weight: interval.executions,
  };
}

/** What statistics leave over after queue and execution: responses and reporting. */
function leftOverUs({ requestUs, queueUs, inputUs, inferUs, outputUs }: CounterInterval): number {
  return requestUs - queueUs - inputUs - inferUs - outputUs;
}

type Lines = Readonly<Record<Phase | 'total', FittedLine>>;

function linesOf(points: readonly IntervalPoint[]): Lines {
  const line = (figure: (interval: CounterInterval) => number) =>
    fitLine(points.map(({ interval, batch, weight }) => ({ x: batch, y: figure(interval), weight })));
  return { ...byPhase((phase) => line((interval) => interval[phase])), total: line(executionUs) };
}

/** Batches that differ by less than this share say nothing of a slope. */
const LEAST_RANGE = 0.1;

function serviceOf(points: readonly IntervalPoint[]) {
  const lines = linesOf(points);
  const least = points.reduce((smallest, { batch }) => Math.min(smallest, batch), Number.POSITIVE_INFINITY);
  const most = points.reduce((largest, { batch }) => Math.max(largest, batch), 0);
  const sizes = [Math.max(1, Math.round(least)), Math.max(1, Math.round(most))];
  const isLine = sizes[0] !== sizes[1] && most > least * (1 + LEAST_RANGE);
  const guess = guessOf(points, lines.total);
  const executions = points.reduce((sum, { weight }) => sum + weight, 0);
  const shown = isLine ? sizes : [Math.max(1, Math.round(weightedMean(points)))];
  const range = `batches of ${least.toFixed(1)} to ${most.toFixed(1)}`;
  return {
    totals: lines.total,
    points: shown.map((size) => servicePoint(size, lines, { guess, executions })),
    uncertain: [
      isLine
        ? `Service time is a line through ${points.length} intervals with ${range} (of a mean request).`
        : `All ${points.length} intervals have ${range}: how service time depends on the batch is not known.`,
      ...(guess > 0 ? ['How far batches spread around their mean is assumed (Poisson).'] : []),
    ],
  };
}

function servicePoint(
  batchSize: number,
  lines: Lines,
  { guess, executions }: { readonly guess: number; readonly executions: number },
): ServicePoint {
  const ms = ({ intercept, slope }: FittedLine) => (intercept + slope * batchSize) / 1000;
  const inferMs = Math.max(SHORTEST_MS, ms(lines.inferUs));
  const phases = { inputMs: ms(lines.inputUs), inferMs, outputMs: ms(lines.outputUs) };
  const totalUs = 1000 * totalMs(phases);
  const half = lines.total.halfWidthAt(batchSize);
  const relativeError = Math.hypot(Number.isFinite(half) ? half : 0, guess) / totalUs;
  // Two intervals fit a line exactly: they do not say how well.
  const known = Number.isFinite(half) && Number.isFinite(relativeError);
  return { batchSize, ...phases, executions, relativeError: known ? Math.min(relativeError, 10) : 0 };
}

/** Half of what the guess on the spread of batches moves a point by, in microseconds. */
function guessOf(points: readonly IntervalPoint[], { slope }: FittedLine): number {
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  const shift = points.reduce((sum, { batch, leastBatch, weight: w }) => sum + w * (batch - leastBatch), 0);
  return (slope * shift) / weight / 2;
}

function weightedMean(points: readonly IntervalPoint[]): number {
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  return points.reduce((sum, { batch, weight: w }) => sum + w * batch, 0) / weight;
}

/** Largest share of an interval that executions took, one after the other in each place; NaN without times. */
function busyShareOf(points: readonly IntervalPoint[], { intercept, slope }: FittedLine): number {
  const shares = points.map(({ interval: { seconds, executions, places }, leastBatch }) => {
    return (executions * (intercept + slope * leastBatch)) / 1e6 / seconds / places;
  });
  return Math.min(
    1,
    shares.reduce((most, share) => Math.max(most, share), 0),
  );
}

/** The longest of all servers and versions: each has loaded it for itself. */
function loadSeconds(scrapes: readonly Scrape[], model: string): number {
  for (const { page } of scrapes) {
    const seconds = samplesOf(page, 'nv_model_load_duration_secs', model).map(({ value }) => value);
    const known = seconds.filter((value) => value >= 0 && value < 86_400);
    if (known.length > 0) return Math.max(...known);
  }
  return 0;
}
