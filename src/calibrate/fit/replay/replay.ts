import { mean } from 'simple-statistics';
import { countedPartsMs } from '../../../live/latency-parts.js';
import { loggedPartsMs } from '../../../metrics/latency-parts.js';
import { quantileOfSorted, sortedValues } from '../../../metrics/statistics/quantiles.js';
import type { LatencyPart, ModelProfile } from '../../../profile/profile.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { simulate } from '../../../simulator/simulate.js';
import { singleCalls } from '../../../trace/calls.js';
import { completedRows, type RequestLog } from '../../../trace/request-log.js';
import { countedIn, type Observation, type TogetherPoint } from '../../observation.js';
import { type Turn, turnAt } from '../../turns.js';
import { requestMeans, requestsPerExecution } from '../phases.js';
import { type ReplayedModel, replayScenario } from './replay-scenario.js';

/** Latency of a replayed point, microseconds. */
export interface LatencyFigures {
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  /** Parts of the mean, milliseconds. */
  readonly partsMs: Readonly<Record<LatencyPart, number>>;
}

/** Latency of a point, and what the server's statistics say of it. */
export interface ReplayFigures extends LatencyFigures {
  /** From the arrival at the server to the response, mean: free of client and network. */
  readonly serverUs: number;
  /** Requests in an execution, mean. */
  readonly requestsPerExecution: number;
}

/** Both models of a point with two, in the order of its turns; undefined where one of them was not fitted. */
export function servedIn(
  { experiment: { model, other } }: TogetherPoint,
  served: readonly ReplayedModel[],
): readonly [ReplayedModel, ReplayedModel] | undefined {
  const [first, second] = [model, other].map((name) => served.find(({ config }) => config.name === name));
  return first && second && [first, second];
}

/**
 * Simulates exactly the arrivals of a measured open-loop point with a candidate profile, client included:
 * what the profile would have predicted for it.
 */
export function replay(observation: Observation, config: ModelConfig, profile: ModelProfile): ReplayFigures {
  const { log } = simulate(replayScenario(observation, [{ config, profile }]));
  const completed = completedRows(log, 0);
  const serverUs = completed.map((i) => log.endedUs[i]! - log.sentUs[i]! - log.networkUs[i]!);
  const executions = new Set(completed.map((i) => singleCalls(log).execution[i]!)).size;
  return {
    ...simulatedFigures(log, completed),
    serverUs: completed.length === 0 ? Number.NaN : mean(serverUs),
    requestsPerExecution: completed.length / executions,
  };
}

/** Mean inference in such a replay, microseconds, by batch size of the executions. */
export function replayedInferUs(
  observation: Observation,
  { config, profile }: ReplayedModel,
): ReadonlyMap<number, number> {
  const { log } = simulate(replayScenario(observation, [{ config, profile }]));
  const rows = completedRows(log, 0);
  const sizes = new Set(rows.map((row) => singleCalls(log).executedBatch[row]!));
  const ofSize = (size: number) => rows.filter((row) => singleCalls(log).executedBatch[row] === size);
  return new Map([...sizes].map((size) => [size, meanInferUs(log, ofSize(size))]));
}

/** Of each model of a point: its mean inference, microseconds, once for each execution. */
export function replayedMeanInferUs(
  observation: Observation,
  served: readonly ReplayedModel[],
): readonly number[] {
  const { log } = simulate(replayScenario(observation, served));
  return served.map((_, tenant) => {
    const { execution } = singleCalls(log);
    const executions = new Map(completedRows(log, tenant).map((row) => [execution[row]!, row]));
    return meanInferUs(log, [...executions.values()]);
  });
}

/** Of each model of a point with two, replayed: how many times as long single inferences take in the turns of both as in its own. */
export function replayedStretches(
  observation: Observation,
  served: readonly ReplayedModel[],
): readonly number[] {
  const { log } = simulate(replayScenario(observation, served));
  return served.map((_, tenant) => {
    const single = completedRows(log, tenant).filter((row) => singleCalls(log).executedBatch[row] === 1);
    const inferUs = (turn: Turn) =>
      meanInferUs(
        log,
        single.filter((row) => turnAt(log.plannedUs[row]!) === turn),
      );
    return inferUs('both') / inferUs(tenant === 0 ? 'first' : 'second');
  });
}

function meanInferUs(log: RequestLog, rows: readonly number[]): number {
  return rows.length === 0 ? Number.NaN : mean(rows.map((row) => singleCalls(log).inferUs[row]!));
}

/** One model of a point with two: what its clients saw in the turns of both, beside what its profile would have predicted. */
export interface TogetherReplay {
  readonly measured: LatencyFigures;
  readonly predicted: LatencyFigures;
}

/**
 * Simulates both models of a point with their arrivals, in its turns, and compares the turns of both.
 * Undefined where no latencies were kept.
 */
export function replayTogether(
  observation: Observation,
  served: readonly ReplayedModel[],
): readonly TogetherReplay[] | undefined {
  const clients = served.map(({ config }) => observation.clients.find(({ model }) => model === config.name)!);
  if (clients.some(({ sentUs, latenciesUs }) => sentUs === undefined || latenciesUs === undefined))
    return undefined;
  const { log } = simulate(replayScenario(observation, served));
  return clients.map(({ sentUs, latenciesUs }, tenant) => {
    const seen = latenciesUs!.filter((us, i) => us >= 0 && turnAt(sentUs![i]!) === 'both');
    const rows = completedRows(log, tenant).filter((row) => turnAt(log.plannedUs[row]!) === 'both');
    const figures = figuresOf(sortedValues(Float64Array.from(seen)));
    const counted = countedIn(observation.turns ?? [], 'both', served[tenant]!.config.name);
    return {
      measured: { ...figures, partsMs: countedPartsMs(counted, figures.meanUs / 1000) },
      predicted: simulatedFigures(log, rows),
    };
  });
}

function simulatedFigures(log: RequestLog, rows: readonly number[]): LatencyFigures {
  const latenciesUs = Float64Array.from(rows, (row) => log.endedUs[row]! - log.plannedUs[row]!);
  return { ...figuresOf(sortedValues(latenciesUs)), partsMs: loggedPartsMs(log, rows) };
}

/** The same figures of what was measured; from its quantiles and the server's statistics. */
export function measuredFigures(observation: Observation): ReplayFigures {
  const { meanUs, quantilesUs, model } = observation.clients[0]!;
  const counted = observation.statistics.find((each) => each.model === model);
  return {
    ...figuresOf(Float64Array.from(quantilesUs)),
    meanUs,
    partsMs: countedPartsMs(counted === undefined ? [] : [counted], meanUs / 1000),
    serverUs: counted === undefined ? Number.NaN : requestMeans(counted).requestUs,
    requestsPerExecution: requestsPerExecution(counted === undefined ? [] : [counted]),
  };
}

/** What a point of some seconds is off by anyway, as a fraction. */
const POINT_DEVIATION = 0.015;

/**
 * How far a replay is from what was measured, in squared standard deviations of a point: by what the server counted
 * itself, because that knows nothing of the noise of the client.
 */
export function misfitOf(predicted: ReplayFigures, measured: ReplayFigures): number {
  return (['serverUs', 'requestsPerExecution'] as const).reduce(
    (sum, key) => sum + ((predicted[key] / measured[key] - 1) / POINT_DEVIATION) ** 2,
    0,
  );
}

function figuresOf(sortedUs: Float64Array): Omit<LatencyFigures, 'partsMs'> {
  if (sortedUs.length === 0)
    return { meanUs: Number.NaN, p50Us: Number.NaN, p95Us: Number.NaN, p99Us: Number.NaN };
  const at = (p: number) => quantileOfSorted(sortedUs, p);
  return { meanUs: mean(Array.from(sortedUs)), p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
}
