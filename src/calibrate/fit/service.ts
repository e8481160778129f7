import type { ModelProfile, ServicePoint } from '../../profile/profile.js';
import { type Observation, observationsOf } from '../observation.js';
import { PHASES, type Phase, type PhaseMeans, phasesByBatch, requestMeans } from './phases.js';

/** The part of a profile that says how long an execution takes. */
export interface ServiceFit {
  readonly service: readonly ServicePoint[];
  readonly perRequest: NonNullable<ModelProfile['perRequest']>;
  /** Building and sending the response to one request, on the instance thread. */
  readonly responsePerRequestUs: number;
  /** Measured against fitted execution times under load, by batch size. */
  readonly residuals: readonly ServiceResidual[];
}

export interface ServiceResidual {
  readonly batchSize: number;
  readonly executions: number;
  readonly measuredUs: number;
  readonly fittedUs: number;
}

/** Executions behind a mean under load before it may shape the fit. */
const LEAST_EXECUTIONS = 20;

/**
 * Service times of a model from its sequential points (one request that holds the whole batch) and its
 * points under load (as many requests as inferences). The difference of the two is a line in the number
 * of further requests: its slope is what each request of a batch costs besides its inferences, its
 * intercept what load itself costs (caches and cores shared with the front end and the clients).
 */
export function fitService(observations: readonly Observation[], model: string): ServiceFit {
  const alone = sequentialPhases(observations, model);
  const loaded = loadedPhases(observations, model);
  const lines = Object.fromEntries(
    PHASES.map((phase) => [phase, differenceLine(alone, loaded, phase)]),
  ) as Record<Phase, Line>;
  // The output phase of backends that send within it holds the first response as well.
  const sendUs = Math.min(lines.outputUs.slope, ...alone.map(({ outputUs }) => outputUs));
  const responsePerRequestUs = sendUs + overheadPerRequest(observations, model);
  const service = alone.map((point) => servicePoint(point, lines, sendUs));
  const perRequest = { inputUs: lines.inputUs.slope, inferUs: lines.inferUs.slope };
  const fit = { service, perRequest, responsePerRequestUs };
  return { ...fit, residuals: loaded.map((row) => residual(row, alone, lines)) };
}

interface AlonePoint extends PhaseMeans {
  readonly relativeError: number;
}

function sequentialPhases(observations: readonly Observation[], model: string): AlonePoint[] {
  return observationsOf(observations, 'sequential', model)
    .flatMap(({ experiment, statistics, clients }) => {
      const counted = statistics.find((each) => each.model === model);
      const rows = counted === undefined ? [] : phasesByBatch(counted);
      const row = rows.find(({ batchSize }) => batchSize === experiment.batchSize) ?? rows[0];
      if (row === undefined) return [];
      return [{ ...row, batchSize: experiment.batchSize, relativeError: clients[0]!.relativeError }];
    })
    .sort((a, b) => a.batchSize - b.batchSize);
}

/** Executions under Poisson arrivals of single inferences, all points together. */
function loadedPhases(observations: readonly Observation[], model: string): PhaseMeans[] {
  const sums = new Map<number, PhaseMeans>();
  for (const { statistics } of observationsOf(observations, 'poisson', model)) {
    const counted = statistics.find((each) => each.model === model);
    for (const row of counted === undefined ? [] : phasesByBatch(counted)) {
      const before = sums.get(row.batchSize);
      sums.set(row.batchSize, before === undefined ? row : merged(before, row));
    }
  }
  return [...sums.values()]
    .filter(({ executions }) => executions >= LEAST_EXECUTIONS)
    .sort((a, b) => a.batchSize - b.batchSize);
}

function merged(a: PhaseMeans, b: PhaseMeans): PhaseMeans {
  const executions = a.executions + b.executions;
  const meanOf = (phase: Phase) => (a[phase] * a.executions + b[phase] * b.executions) / executions;
  return {
    batchSize: a.batchSize,
    executions,
    inputUs: meanOf('inputUs'),
    inferUs: meanOf('inferUs'),
    outputUs: meanOf('outputUs'),
  };
}

interface Line {
  readonly intercept: number;
  readonly slope: number;
}

const NO_DIFFERENCE: Line = { intercept: 0, slope: 0 };

/** Weighted least squares of (under load - alone) over the number of further requests; neither part is negative. */
function differenceLine(alone: readonly AlonePoint[], loaded: readonly PhaseMeans[], phase: Phase): Line {
  if (loaded.length === 0) return NO_DIFFERENCE;
  const points = loaded.map((row) => ({
    x: row.batchSize - 1,
    y: row[phase] - interpolate(alone, row.batchSize, phase),
    weight: row.executions,
  }));
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  const meanX = points.reduce((sum, point) => sum + point.weight * point.x, 0) / weight;
  const meanY = points.reduce((sum, point) => sum + point.weight * point.y, 0) / weight;
  const spreadX = points.reduce((sum, point) => sum + point.weight * (point.x - meanX) ** 2, 0);
  const both = points.reduce((sum, point) => sum + point.weight * (point.x - meanX) * (point.y - meanY), 0);
  const slope = spreadX === 0 ? 0 : Math.max(0, both / spreadX);
  return { intercept: meanY - slope * meanX, slope };
}

/** On the line between the two measured sizes around, and on the outermost line beyond. */
function interpolate(points: readonly AlonePoint[], batchSize: number, phase: Phase): number {
  const right = points.findIndex((point) => point.batchSize >= batchSize);
  if (right >= 0 && points[right]!.batchSize === batchSize) return points[right]![phase];
  if (points.length === 1) return points[0]![phase];
  const upper = right <= 0 ? (right === 0 ? 1 : points.length - 1) : right;
  const [a, b] = [points[upper - 1]!, points[upper]!];
  return a[phase] + ((b[phase] - a[phase]) * (batchSize - a.batchSize)) / (b.batchSize - a.batchSize);
}

function servicePoint(point: AlonePoint, lines: Readonly<Record<Phase, Line>>, sendUs: number): ServicePoint {
  const under = (phase: Phase) => Math.max(0, point[phase] + lines[phase].intercept);
  return {
    batchSize: point.batchSize,
    inputMs: round(under('inputUs') / 1000),
    inferMs: round(under('inferUs') / 1000),
    outputMs: round(Math.max(0, under('outputUs') - sendUs) / 1000),
    executions: point.executions,
    relativeError: round(point.relativeError),
  };
}

function residual(
  row: PhaseMeans,
  alone: readonly AlonePoint[],
  lines: Readonly<Record<Phase, Line>>,
): ServiceResidual {
  const fittedUs = PHASES.reduce((sum, phase) => {
    const { intercept, slope } = lines[phase];
    return sum + interpolate(alone, row.batchSize, phase) + intercept + slope * (row.batchSize - 1);
  }, 0);
  const measuredUs = PHASES.reduce((sum, phase) => sum + row[phase], 0);
  return { batchSize: row.batchSize, executions: row.executions, measuredUs, fittedUs };
}

/**
 * Backends that send responses after their output phase leave that time to the request, which ends when
 * all responses of its batch have been sent: the difference between full and single batches is one
 * response each.
 */
function overheadPerRequest(observations: readonly Observation[], model: string): number {
  const single = observationsOf(observations, 'sequential', model)[0];
  const full = observationsOf(observations, 'saturated', model)[0];
  const of = (observation: Observation | undefined) =>
    observation?.statistics.find((each) => each.model === model);
  const [one, many] = [of(single), of(full)];
  if (one === undefined || many === undefined || many.executionCount === 0) return 0;
  const requestsPerExecution = many.success.count / many.executionCount;
  if (requestsPerExecution < 1.5) return 0;
  const more = requestMeans(many).overheadUs - requestMeans(one).overheadUs;
  return Math.max(0, more / (requestsPerExecution - 1));
}

/** Nanoseconds are enough for a file of milliseconds. */
function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
