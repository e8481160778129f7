import { sum } from 'simple-statistics';
import type { ModelStatistics } from '../live/inference-client.js';
import type { LoadRun } from '../live/load-run.js';
import type { GpuReading } from '../live/server-metrics.js';
import { joinByModel } from '../live/statistics.js';
import { meanEstimate } from '../metrics/statistics/intervals.js';
import { quantileOfSorted, sortedValues } from '../metrics/statistics/quantiles.js';
import type { Load } from '../scenario/scenario.js';
import { completedRows, Outcome, type RequestLog } from '../trace/request-log.js';
import { type Experiment, isOpen } from './experiment.js';
import { meanTimeUs, PHASES, phasesByBatch, requestsPerExecution } from './fit/phases.js';
import { tenths } from './fit/rounding.js';
import {
  type ClientObservation,
  countedOf,
  LATE_US,
  type Lateness,
  type Observation,
  type PointCpuUse,
  type SteadyAnswers,
} from './observation.js';
import type { Slice } from './slice-reader.js';
import { steadyAnswersOf } from './steady-answers.js';
import { turnIndex, turnOf } from './turns.js';

/** A point is long enough when the half width of the 95 % interval of its mean is below this part of it. */
export const NARROW_ENOUGH = 0.01;

export interface PointLoad {
  readonly model: string;
  readonly batchSize: number;
  readonly load: (durationS: number) => Load;
}

export interface PointPart {
  readonly result: Pick<LoadRun, 'log' | 'generator' | 'answers'>;
  readonly durationS: number;
  readonly statistics: readonly ModelStatistics[];
  /** The same by slices of time. */
  readonly slices: readonly Slice[];
  readonly cpu?: PointCpuUse;
  /** Core time of the process that sent the load, seconds. */
  readonly clientS?: number;
  readonly gpus?: readonly GpuReading[];
}

function latenciesOf(parts: readonly PointPart[], model: string): Float64Array {
  const values = parts.flatMap(({ result: { log } }) => {
    const rows = completedRows(log, log.tenants.indexOf(model));
    return rows.map((row) => log.endedUs[row]! - startOf(log, row));
  });
  return Float64Array.from(values);
}

/**
 * A calibration asks what the server does with what reached it, not whether the generator was on time: open
 * loops count from the sending, and their replay starts there too.
 */
function startOf({ sentUs }: RequestLog, row: number): number {
  return sentUs[row]!;
}

/** Whether every model's mean latency is known well enough. */
export function isNarrow(parts: readonly PointPart[]): boolean {
  const models = parts[0]?.result.log.tenants ?? [];
  return models.every((model) => relativeError(latenciesOf(parts, model)) <= NARROW_ENOUGH);
}

function relativeError(latencies: Float64Array): number {
  const { value, low, high } = meanEstimate(latencies);
  const half = (high - low) / 2 / value;
  return Number.isFinite(half) ? half : 1;
}

const QUANTILES = 200;

/**
 * What the parts of a point showed together.
 * @param nowMs when that is, milliseconds since 1970
 */
export function observationOf(
  experiment: Experiment,
  loads: readonly PointLoad[],
  measured: readonly PointPart[],
  nowMs: number,
): Observation {
  const parts = isOpen(experiment) ? measured.map(withDrain) : measured;
  const durationS = parts.reduce((sum, part) => sum + part.durationS, 0);
  const slices = parts.flatMap((part) => part.slices);
  const clients = loads.map((load) => ({
    ...clientObservation(load, parts),
    ...(isOpen(experiment)
      ? arrivalsOf(parts[0]!, load.model, experiment)
      : { steady: steadyOf(parts, load.model) }),
  }));
  const { log } = parts[0]!.result;
  return {
    experiment,
    measuredAt: new Date(nowMs).toISOString(),
    durationS,
    clients,
    statistics: joinByModel(parts.flatMap(({ statistics }) => statistics)),
    ...(experiment.kind === 'together'
      ? {
          turns: slices.map(({ index, statistics }) => ({
            turn: turnOf(index),
            statistics,
            lateness: latenessOf(log, (plannedUs) => turnIndex(plannedUs) === index),
          })),
        }
      : { slices: slices.flatMap(({ statistics }) => statistics) }),
    ...(isOpen(experiment) && { lateness: latenessOf(log) }),
    ...cpuOf(parts),
    ...(parts.every(({ clientS }) => clientS !== undefined) && {
      clientS: sum(parts.map(({ clientS }) => clientS!)),
    }),
    ...(parts.at(-1)!.gpus !== undefined && { gpus: parts.at(-1)!.gpus! }),
    generator: parts.at(-1)!.result.generator,
  };
}

/**
 * With the answers that came in the drain: the server counts them, and a replay waits for them. Not so of closed loops, whose
 * last executions are of fewer clients.
 */
function withDrain(part: PointPart): PointPart {
  const { log, answers } = part.result;
  return { ...part, result: { ...part.result, log: { ...log, ...answers } } };
}

/** The {@link SteadyAnswers} of a model, all parts together. */
function steadyOf(parts: readonly PointPart[], model: string): SteadyAnswers {
  const steady = parts.flatMap(({ result: { log }, statistics }) => {
    const answered = completedRows(log, log.tenants.indexOf(model));
    const endedUs = Float64Array.from(answered, (row) => log.endedUs[row]!);
    const counted = countedOf(statistics, model);
    const executionUs = meanTimeUs(counted.flatMap(phasesByBatch), PHASES);
    return steadyAnswersOf(endedUs, { executionUs, requests: requestsPerExecution(counted) }) ?? [];
  });
  return {
    completed: sum(steady.map(({ completed }) => completed)),
    us: sum(steady.map(({ us }) => us)),
    sleeps: sum(steady.map(({ sleeps = 0 }) => sleeps)),
  };
}

/** Requests of a model in order of their leaving; an open loop is one part. */
function arrivalsOf(
  { result: { log } }: PointPart,
  model: string,
  { kind }: Experiment,
): Pick<ClientObservation, 'sentUs' | 'latenciesUs'> {
  const tenant = log.tenants.indexOf(model);
  const rows = Array.from(log.sentUs.keys())
    .filter((row) => log.tenant[row] === tenant && Number.isFinite(log.sentUs[row]!))
    .sort((a, b) => log.sentUs[a]! - log.sentUs[b]!);
  const latencyUs = (row: number) =>
    log.outcome[row] === Outcome.completed ? tenths(log.endedUs[row]! - startOf(log, row)) : -1;
  return {
    sentUs: rows.map((row) => tenths(log.sentUs[row]!)),
    ...(kind !== 'poisson' && { latenciesUs: rows.map(latencyUs) }),
  };
}

function latenessOf(
  { plannedUs, sentUs }: RequestLog,
  counts: (plannedUs: number) => boolean = () => true,
): Lateness {
  let sends = 0;
  let late = 0;
  let lateUs = 0;
  for (const [row, us] of sentUs.entries()) {
    if (!Number.isFinite(us) || !counts(plannedUs[row]!)) continue;
    const lagUs = us - plannedUs[row]!;
    sends++;
    if (lagUs <= LATE_US) continue;
    late++;
    lateUs += lagUs;
  }
  return { sends, late, lateUs: tenths(lateUs) };
}

function clientObservation({ model, batchSize }: PointLoad, parts: readonly PointPart[]): ClientObservation {
  const latencies = latenciesOf(parts, model);
  const sorted = sortedValues(latencies.slice());
  return {
    model,
    batchSize,
    completed: latencies.length,
    meanUs: latencies.reduce((sum, us) => sum + us, 0) / Math.max(1, latencies.length),
    relativeError: relativeError(latencies),
    quantilesUs: Array.from({ length: QUANTILES }, (_, i) =>
      tenths(quantileOfSorted(sorted, (i + 0.5) / QUANTILES)),
    ),
  };
}

/** What all parts together used of the cores; nothing where one was not counted. */
function cpuOf(parts: readonly PointPart[]): { readonly cpu?: PointCpuUse } {
  const counted = parts.flatMap(({ cpu }) => cpu ?? []);
  if (counted.length < parts.length) return {};
  const serverS = counted.map((use) => use.serverS);
  const countedS = counted.map((use) => use.countedS);
  return {
    cpu: {
      machineS: sum(counted.map(({ machineS }) => machineS)),
      clientS: sum(counted.map(({ clientS }) => clientS)),
      otherS: sum(counted.map(({ otherS }) => otherS)),
      ...(isKnownOfAll(serverS) && { serverS: sum(serverS) }),
      ...(isKnownOfAll(countedS) && { countedS: sum(countedS) }),
    },
  };
}

function isKnownOfAll(values: readonly (number | undefined)[]): values is number[] {
  return values.every((value) => value !== undefined);
}
