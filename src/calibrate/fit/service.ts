import type { ModelProfile, ServicePoint } from '../../profile/profile.js';
import { type Observation, observationsOf } from '../observation.js';
import {
  PHASES,
  type Phase,
  type PhaseMeans,
  phasesByBatch,
  requestMeans,
  requestsBeside,
} from './phases.js';
import { millionths } from './rounding.js';

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
  const hotter = denseRatios(alone, loaded, lines.inferUs);
  const service = alone.map((point) => servicePoint(point, lines, { sendUs, hotter }));
  const perRequest = { inputUs: lines.inputUs.slope, inferUs: lines.inferUs.slope };
  const fit = { service, perRequest, responsePerRequestUs };
  return { ...fit, residuals: loaded.map((row) => residual(row, alone, lines, hotter)) };
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

/**
 * Executions under Poisson arrivals of single inferences: of each batch size the median over the slices of all dense
 * points, or of the sparse one where there is no other. What sparse loads add is told apart (`pauses/`, `phases-by-rate.ts`).
 */
function loadedPhases(observations: readonly Observation[], model: string): PhaseMeans[] {
  const rowsOf = (kind: 'poisson' | 'alone') =>
    observationsOf(observations, kind, model).flatMap(({ statistics, slices = statistics }) =>
      slices.filter((each) => each.model === model).flatMap(phasesByBatch),
    );
  const dense = rowsOf('poisson');
  return bySize(dense.length > 0 ? dense : rowsOf('alone'));
}

function bySize(rows: readonly PhaseMeans[]): PhaseMeans[] {
  const sizes = [...new Set(rows.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  return sizes
    .map((batchSize) => medianPhases(rows.filter((row) => row.batchSize === batchSize)))
    .filter(({ executions }) => executions >= LEAST_EXECUTIONS);
}

/** Rows of one batch size, each as heavy as it has executions. */
function medianPhases(rows: readonly PhaseMeans[]): PhaseMeans {
  const at = (phase: Phase, p: number) =>
    weightedQuantile(
      rows.map((row) => ({ x: row[phase], weight: row.executions })),
      p,
    );
  return {
    batchSize: rows[0]!.batchSize,
    executions: rows.reduce((sum, { executions }) => sum + executions, 0),
    inputUs: at('inputUs', 0.5),
    inferUs: at('inferUs', 0.5),
    outputUs: at('outputUs', 0.5),
  };
}

function weightedQuantile(values: { readonly x: number; readonly weight: number }[], p: number): number {
  const sorted = values.sort((a, b) => a.x - b.x);
  const wanted = p * sorted.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  for (const { x, weight } of sorted) {
    below += weight;
    if (below >= wanted) return x;
  }
  return Number.NaN;
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

/** So many executions count as much as the line that all sizes lie on. */
const TRUSTED_EXECUTIONS = 50;

/**
 * Inferences under dense loads over what the line gives, by batch size, the fewer executions the closer to 1. Where weights
 * stay in caches from one execution to the next, large batches gain more than the line says.
 */
function denseRatios(alone: readonly AlonePoint[], loaded: readonly PhaseMeans[], line: Line): SizeRatio[] {
  return loaded.map(({ batchSize, inferUs, executions }) => {
    const fittedUs = interpolate(alone, batchSize, 'inferUs') + line.intercept + line.slope * (batchSize - 1);
    const weight = executions / (executions + TRUSTED_EXECUTIONS);
    return { batchSize, ratio: fittedUs > 0 ? 1 + weight * (inferUs / fittedUs - 1) : 1 };
  });
}

interface SizeRatio {
  readonly batchSize: number;
  readonly ratio: number;
}

/** Of the largest size that is no larger; of the smallest where all are. */
function ratioAt(ratios: readonly SizeRatio[], batchSize: number): number {
  return (ratios.findLast((each) => each.batchSize <= batchSize) ?? ratios[0])?.ratio ?? 1;
}

function servicePoint(
  point: AlonePoint,
  lines: Readonly<Record<Phase, Line>>,
  { sendUs, hotter }: { readonly sendUs: number; readonly hotter: readonly SizeRatio[] },
): ServicePoint {
  const under = (phase: Phase) => Math.max(0, point[phase] + lines[phase].intercept);
  // The ratio is of the whole inference, what further requests cost included.
  const furtherUs = lines.inferUs.slope * (point.batchSize - 1);
  const inferUs = Math.max(0, (under('inferUs') + furtherUs) * ratioAt(hotter, point.batchSize) - furtherUs);
  return {
    batchSize: point.batchSize,
    inputMs: millionths(under('inputUs') / 1000),
    inferMs: millionths(inferUs / 1000),
    outputMs: millionths(Math.max(0, under('outputUs') - sendUs) / 1000),
    executions: point.executions,
    relativeError: millionths(point.relativeError),
  };
}

function residual(
  row: PhaseMeans,
  alone: readonly AlonePoint[],
  lines: Readonly<Record<Phase, Line>>,
  hotter: readonly SizeRatio[],
): ServiceResidual {
  const fittedUs = PHASES.reduce((sum, phase) => {
    const { intercept, slope } = lines[phase];
    const us = interpolate(alone, row.batchSize, phase) + intercept + slope * (row.batchSize - 1);
    return sum + us * (phase === 'inferUs' ? ratioAt(hotter, row.batchSize) : 1);
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
  const loaded = observationsOf(observations, 'poisson', model);
  const of = (observation: Observation | undefined) =>
    observation?.statistics.find((each) => each.model === model);
  const one = of(single);
  if (one === undefined) return 0;
  const many = loaded
    .flatMap((each) => of(each) ?? [])
    .map((counted) => ({
      counted,
      beside: requestsBeside(counted),
    }))
    .reduce((a, b) => (b.beside > a.beside ? b : a), { counted: one, beside: 0 });
  if (many.beside < LEAST_BESIDE) return 0;
  const more = requestMeans(many.counted).overheadUs - requestMeans(one).overheadUs;
  return Math.max(0, more / many.beside);
}

/** Fewer requests beside a request's own say nothing about what each costs. */
const LEAST_BESIDE = 0.5;
