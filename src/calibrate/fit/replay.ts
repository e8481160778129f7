import { mean } from 'simple-statistics';
import { quantileOfSorted, sortedValues } from '../../metrics/quantiles.js';
import type { ModelProfile } from '../../profile/profile.js';
import { withCpuDevices } from '../../scenario/check/cpu-devices.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Load, Scenario, ServedModel, Server, Tenant } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { Outcome } from '../../trace/request-log.js';
import type { Trace } from '../../trace/trace.js';
import { activeInstances } from '../experiment.js';
import type { Observation } from '../observation.js';
import { requestMeans } from './phases.js';

/** Latency of a replayed point, microseconds, and what the server's statistics say of it. */
export interface ReplayFigures {
  /** From the arrival at the server to the response, mean: free of client and network. */
  readonly serverUs: number;
  /** Requests in an execution, mean. */
  readonly requestsPerExecution: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
}

/**
 * Simulates exactly the arrivals of a measured open-loop point with a candidate profile, client included:
 * what the profile would have predicted for it.
 */
export function replay(observation: Observation, config: ModelConfig, profile: ModelProfile): ReplayFigures {
  const load: Load = { mode: 'open', trace: traceOf(observation, config.name) };
  const { log } = simulate(replayScenario(config, profile, load, observation.durationS));
  const completed = Array.from(log.outcome.keys()).filter((i) => log.outcome[i] === Outcome.completed);
  const latencyUs = Float64Array.from(completed, (i) => log.endedUs[i]! - log.plannedUs[i]!);
  const serverUs = completed.map((i) => log.endedUs[i]! - log.sentUs[i]! - log.networkUs[i]!);
  const executions = new Set(completed.map((i) => log.execution[i]!)).size;
  return {
    ...figuresOf(sortedValues(latencyUs)),
    serverUs: completed.length === 0 ? Number.NaN : mean(serverUs),
    requestsPerExecution: completed.length / executions,
  };
}

/** The same figures of what was measured; from its quantiles and the server's statistics. */
export function measuredFigures(observation: Observation): ReplayFigures {
  const { meanUs, quantilesUs, model } = observation.clients[0]!;
  const counted = observation.statistics.find((each) => each.model === model);
  return {
    ...figuresOf(Float64Array.from(quantilesUs)),
    meanUs,
    serverUs: counted === undefined ? Number.NaN : requestMeans(counted).requestUs,
    requestsPerExecution: counted === undefined ? Number.NaN : counted.success.count / counted.executionCount,
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

function figuresOf(sortedUs: Float64Array): Omit<ReplayFigures, 'serverUs' | 'requestsPerExecution'> {
  if (sortedUs.length === 0)
    return { meanUs: Number.NaN, p50Us: Number.NaN, p95Us: Number.NaN, p99Us: Number.NaN };
  const at = (p: number) => quantileOfSorted(sortedUs, p);
  return { meanUs: mean(Array.from(sortedUs)), p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
}

function traceOf(observation: Observation, tenant: string): Trace {
  const arrivalUs = Float64Array.from(observation.clients[0]!.sentUs ?? []);
  return {
    tenants: [tenant],
    arrivalUs,
    tenant: new Uint16Array(arrivalUs.length),
    durationUs: observation.durationS * 1e6,
  };
}

/** One model on one server with as many instances as it has, as a client of perseus sees it. */
function replayScenario(config: ModelConfig, profile: ModelProfile, load: Load, durationS: number): Scenario {
  const instances = Array.from({ length: activeInstances(config) }, () => ({ device: -1, profile }));
  const model: ServedModel = { config, instances };
  const tenant: Tenant = {
    name: config.name,
    model: config.name,
    targets: [{ server: 0, model: 0 }],
    routing: 'roundRobin',
    load,
    batchSize: 1,
    requestBytes: profile.payload.requestBytes,
    responseBytes: profile.payload.responseBytes,
    priority: 0,
    timeoutUs: 0,
    shape: 0,
  };
  return {
    name: `replay of ${config.name}`,
    seed: 1,
    durationUs: (durationS + DRAIN_S) * 1e6,
    warmUpUs: 0,
    servers: [replayServer(model, profile)],
    tenants: [tenant],
  };
}

/** Requests under way at the end of a point were answered and counted. */
const DRAIN_S = 2;

function replayServer(model: ServedModel, profile: ModelProfile): Server {
  const serving = profile.serving!;
  return {
    name: 'server',
    machine: { kind: 'measured', usdPerHour: 0, priceSource: 'none' },
    cpuCores: Number.POSITIVE_INFINITY,
    network: {
      requestDelayUs: serving.requestDelayUs + serving.generatorUs / 2,
      responseDelayUs: serving.responseDelayUs + serving.generatorUs / 2,
      requestBytesPerUs: Number.POSITIVE_INFINITY,
      responseBytesPerUs: Number.POSITIVE_INFINITY,
    },
    options: { tritonVersion: 'measured', protocol: 'grpc', frontEndThreads: 2, ...serving },
    ...withCpuDevices([], [model], serving.cpuCores),
  };
}
