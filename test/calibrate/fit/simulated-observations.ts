import { RandomStreams } from '../../../src/base/random.js';
import { type Experiment, type ExperimentOf, isOpen } from '../../../src/calibrate/experiment.js';
import type { Observation, TurnObservation } from '../../../src/calibrate/observation.js';
import { steadyAnswersOf } from '../../../src/calibrate/steady-answers.js';
import { arrivalsInTurns, TURN_S, turnOf } from '../../../src/calibrate/turns.js';
import { requestCpuOf } from '../../../src/effects/request-cpu.js';
import { threadWaitsOf } from '../../../src/effects/thread-waits.js';
import type { ModelStatistics } from '../../../src/live/inference-client.js';
import { NORMAL_95 } from '../../../src/metrics/statistics/normal-interval.js';
import { quantileOfSorted, sortedValues } from '../../../src/metrics/statistics/quantiles.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import type { Serving } from '../../../src/profile/serving.js';
import { withCpuDevices } from '../../../src/scenario/check/cpu-devices.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import type { Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';
import { generateTrace, tenantRandoms } from '../../../src/trace/synthesis/generate.js';
import { scenario, server, tenant } from '../../support/scenario.js';

/** Threads of a usual server on two cores, and the network delay to it. */
export const SERVING: Serving = {
  batcherWakeUs: 20,
  instanceWakeUs: 20,
  instancePickUpUs: 5,
  timerSlackUs: 0,
  batcherWinsShare: 0.3,
  requestDelayUs: 90,
  responseDelayUs: 90,
  generatorUs: 20,
  cpuCores: 2,
};

/** A server whose every figure is known: what calibration should find again. */
export interface KnownServer {
  readonly models: readonly { readonly config: ModelConfig; readonly profile: ModelProfile }[];
  readonly serving: Serving;
}

/** What measuring that point on the known server would show: the simulator takes the place of Triton. */
export function simulatedObservation(
  known: KnownServer,
  experiment: Experiment,
  durationS: number,
): Observation {
  const loads = loadsOf(known, experiment, durationS);
  const log = play(known, loads, durationS);
  const statistics = known.models
    .filter(({ config }) => loads.some(({ model }) => model === config.name))
    .map(({ config }) => statisticsOf(log, config.name));
  return {
    experiment,
    measuredAt: '2026-01-01T00:00:00Z',
    durationS,
    clients: loads.map(({ model, batchSize }) => ({
      ...clientOf(log, model, batchSize),
      ...(isOpen(experiment) ? arrivalsOf(log, model) : steadyOf(log, model)),
    })),
    statistics,
    ...(experiment.kind === 'together' && {
      turns: Array.from({ length: Math.floor(durationS / TURN_S) }, (_, i) => ({
        turn: turnOf(i),
        statistics: loads.map(({ model }) =>
          statisticsOf(log, model, i * TURN_S * 1e6, (i + 1) * TURN_S * 1e6),
        ),
      })),
    }),
    ...(experiment.kind === 'self' && { turns: selfTurns(known, experiment) }),
    ...(experiment.kind === 'sequential' && { executionsUs: computeTimes(log) }),
    generator: {
      lagMs: { p50: 0, p99: 0, max: 0 },
      stalls: { count: 0, longestMs: 0, totalMs: 0 },
      fellBehind: false,
      verdict: 'simulated',
    },
  };
}

/** One turn with two clients, and one with one. */
function selfTurns(known: KnownServer, { model, batchSize }: ExperimentOf<'self'>): TurnObservation[] {
  return (['both', 'first'] as const).map((turn) => {
    const load = { model, batchSize, load: closedLoopClients(turn === 'both' ? 2 : 1) };
    return { turn, statistics: [statisticsOf(play(known, [load], TURN_S), model)] };
  });
}

interface PointLoad {
  readonly model: string;
  readonly batchSize: number;
  readonly load: Load;
}

function loadsOf({ models }: KnownServer, experiment: Experiment, durationS: number): PointLoad[] {
  const { model } = experiment;
  switch (experiment.kind) {
    case 'saturated':
    case 'backlog':
      return [{ model, batchSize: experiment.batchSize, load: closedLoopClients(experiment.concurrency) }];
    case 'self':
      return [{ model, batchSize: experiment.batchSize, load: closedLoopClients(2) }];
    case 'pair':
      return [
        { model, batchSize: experiment.batchSize, load: closedLoopClients(1) },
        { model: experiment.other, batchSize: experiment.otherBatchSize, load: closedLoopClients(1) },
      ];
    case 'poisson': {
      const { config, profile } = models.find((each) => each.config.name === model)!;
      const largest = profile.service.at(-1)!;
      const full = largest.inputMs + largest.inferMs + largest.outputMs;
      return [
        {
          model,
          batchSize: 1,
          load: poisson(model, (experiment.loadShare * config.maxBatchSize * 1000) / full, durationS),
        },
      ];
    }
    case 'alone':
      return [singles(models, model, experiment.busyShare, durationS)];
    case 'together': {
      const { busyShare, other } = experiment;
      return [
        inTurns(singles(models, model, busyShare, durationS), 'first'),
        inTurns(singles(models, other, busyShare, durationS), 'second'),
      ];
    }
    case 'load':
      throw new Error('loading is not simulated');
    default:
      return [{ model, batchSize: experiment.batchSize, load: closedLoopClients(1) }];
  }
}

function singles(
  models: KnownServer['models'],
  model: string,
  busyShare: number,
  durationS: number,
): PointLoad {
  const { inputMs, inferMs, outputMs } = models.find(({ config }) => config.name === model)!.profile
    .service[0]!;
  const ratePerS = (busyShare * 1000) / (inputMs + inferMs + outputMs);
  return { model, batchSize: 1, load: poisson(model, ratePerS, durationS) };
}

function inTurns(point: PointLoad, own: 'first' | 'second'): PointLoad {
  if (point.load.mode !== 'open') throw new Error('a closed loop has no turns');
  return { ...point, load: { ...point.load, trace: arrivalsInTurns(point.load.trace, own) } };
}

function closedLoopClients(concurrency: number): Load {
  return {
    mode: 'closed',
    concurrency,
    thinkTime: { law: 'constant', meanUs: 0 },
    maxRequests: Number.POSITIVE_INFINITY,
  };
}

function poisson(name: string, ratePerS: number, durationS: number): Load {
  const process = { kind: 'poisson', ratePerS } as const;
  return {
    mode: 'open',
    trace: generateTrace({
      ...tenantRandoms(new RandomStreams('known'), name),
      tenant: name,
      process,
      durationS,
    }),
  };
}

function play({ models, serving }: KnownServer, loads: readonly PointLoad[], durationS: number): RequestLog {
  const used = models.filter(({ config }) => loads.some(({ model }) => model === config.name));
  const host = server('server', {
    models: used.map(({ config, profile }) => ({
      config,
      profile,
      instances: config.instanceGroups.reduce((sum, { count }) => sum + count, 0) || 1,
      device: -1,
    })),
    devices: 0,
    wakeUs: serving.batcherWakeUs,
    pickUpUs: serving.instancePickUpUs,
    instanceWakeUs: serving.instanceWakeUs,
    batcherWinsShare: serving.batcherWinsShare,
  });
  const network = {
    ...host.network,
    requestDelayUs: serving.requestDelayUs + serving.generatorUs / 2,
    responseDelayUs: serving.responseDelayUs + serving.generatorUs / 2,
  };
  const { timerSlackUs } = serving;
  const waits = threadWaitsOf(serving);
  const options = {
    ...host.options,
    timerSlackUs,
    ...waits,
  };
  const tenants = loads.map(({ model, batchSize, load }) =>
    tenant(model, model, load, {
      batchSize,
      targets: [{ server: 0, model: used.findIndex(({ config }) => config.name === model) }],
      requestBytes: 0,
      responseBytes: 0,
    }),
  );
  const served = host.models.map((model, i) => {
    const own = used[i]!.profile.serving;
    return { ...model, ...(own !== undefined && requestCpuOf(own, true)) };
  });
  const placed = withCpuDevices(host.devices, served, serving.cpuCores);
  return simulate(scenario([{ ...host, ...placed, network, options }], tenants, durationS)).log;
}

function rowsOf(log: RequestLog, model: string): number[] {
  const t = log.tenants.indexOf(model);
  return Array.from(log.outcome.keys()).filter(
    (i) => log.tenant[i] === t && log.outcome[i] === Outcome.completed,
  );
}

function arrivalsOf(log: RequestLog, model: string) {
  const t = log.tenants.indexOf(model);
  const rows = Array.from(log.outcome.keys()).filter((i) => log.tenant[i] === t);
  return {
    sentUs: rows.map((i) => log.plannedUs[i]!),
    latenciesUs: rows.map((i) =>
      log.outcome[i] === Outcome.completed ? log.endedUs[i]! - log.plannedUs[i]! : -1,
    ),
  };
}

/** What closed loops show of the batcher's sleeps. */
function steadyOf(log: RequestLog, model: string) {
  const rows = rowsOf(log, model);
  const executionUs = sum(rows.map((i) => log.calls.inferUs[i]!)) / rows.length;
  const requests = rows.length / new Set(rows.map((i) => log.calls.execution[i]!)).size;
  const endedUs = Float64Array.from(rows, (i) => log.endedUs[i]!);
  const steady = steadyAnswersOf(endedUs, { executionUs, requests });
  return steady === undefined ? {} : { steady };
}

function clientOf(log: RequestLog, model: string, batchSize: number) {
  const rows = rowsOf(log, model);
  const latencies = rows.map((i) => log.endedUs[i]! - log.plannedUs[i]!);
  const sorted = sortedValues(Float64Array.from(latencies));
  const meanUs = sum(latencies) / rows.length;
  const deviationUs = Math.sqrt(sum(latencies.map((us) => (us - meanUs) ** 2)) / rows.length);
  return {
    model,
    batchSize,
    completed: rows.length,
    meanUs,
    relativeError: (NORMAL_95 * deviationUs) / meanUs / Math.sqrt(rows.length),
    quantilesUs: Array.from({ length: 200 }, (_, i) => quantileOfSorted(sorted, (i + 0.5) / 200)),
  };
}

/**
 * As Triton counts: success, queue and compute once for each request, which ends when all responses of its execution
 * have been sent; batch rows once for each execution.
 */
function statisticsOf(log: RequestLog, model: string, fromUs = 0, toUs = Infinity): ModelStatistics {
  const rows = rowsOf(log, model).filter(
    (i) => log.calls.startedUs[i]! >= fromUs && log.calls.startedUs[i]! < toUs,
  );
  const duration = (values: number[]) => ({ count: values.length, ns: Math.round(1000 * sum(values)) });
  const of = (value: (i: number) => number, which = rows) => duration(which.map(value));
  const first = firstOfExecutions(log, rows);
  const lastEnd = new Map<number, number>();
  for (const i of rows)
    lastEnd.set(
      log.calls.execution[i]!,
      Math.max(lastEnd.get(log.calls.execution[i]!) ?? 0, log.endedUs[i]!),
    );
  const sizes = [...new Set(first.map((i) => log.calls.executedBatch[i]!))].sort((a, b) => a - b);
  const phases = (which: number[]) => ({
    computeInput: of((i) => log.calls.inputUs[i]!, which),
    computeInfer: of((i) => log.calls.inferUs[i]!, which),
    computeOutput: of((i) => log.calls.outputUs[i]!, which),
  });
  return {
    model,
    version: '1',
    inferenceCount: sum(rows.map((i) => log.batchSize[i]!)),
    executionCount: first.length,
    success: of((i) => lastEnd.get(log.calls.execution[i]!)! - log.sentUs[i]! - log.networkUs[i]!),
    fail: { count: 0, ns: 0 },
    queue: of((i) => log.calls.startedUs[i]! - log.calls.queuedUs[i]!),
    ...phases(rows),
    batches: sizes.map((batchSize) => ({
      batchSize,
      ...phases(first.filter((i) => log.calls.executedBatch[i] === batchSize)),
    })),
  };
}

function firstOfExecutions(log: RequestLog, rows: readonly number[]): number[] {
  const seen = new Set<number>();
  return rows.filter((i) => {
    if (seen.has(log.calls.execution[i]!)) return false;
    seen.add(log.calls.execution[i]!);
    return true;
  });
}

function computeTimes(log: RequestLog): number[] {
  return firstOfExecutions(log, rowsOf(log, log.tenants[0]!)).map(
    (i) => log.calls.inputUs[i]! + log.calls.inferUs[i]! + log.calls.outputUs[i]!,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
