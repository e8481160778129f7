import { median } from 'simple-statistics';
import type { ModelStatistics, StatisticDuration } from '../../live/inference-client.js';
import { WAKES, WAKES_OF_A_REQUEST, wakeQueue } from '../../profile/wake-waits.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { activeInstances, isOpen } from '../experiment.js';
import type { ClientObservation, Observation } from '../observation.js';
import type { RequestCpu } from './request-cpu.js';
import { tenths } from './rounding.js';

/** What requests take of a host's cores, in bursts of threads that wake for them. */
export interface WakeBursts {
  /** How long a thread runs when it has woken. */
  readonly burstUs: number;
  readonly cores: number;
  /** Core time of a request, by model. */
  readonly requestCpu: ReadonlyMap<string, RequestCpu>;
}

/**
 * How long threads run when they have woken: what a request takes, divided among those it wakes. Undefined where nothing was
 * counted.
 */
export function fitWakeBursts(
  requestCpu: ReadonlyMap<string, RequestCpu>,
  cores: number | undefined,
): WakeBursts | undefined {
  if (cores === undefined) return undefined;
  const wholes = [...requestCpu.values()]
    .map(
      ({ requestCpuUs = 0, executionCpuUs = 0, clientCpuUs = 0 }) =>
        requestCpuUs + executionCpuUs + clientCpuUs,
    )
    .filter((us) => us > 0);
  if (wholes.length === 0) return undefined;
  return { burstUs: tenths(median(wholes) / WAKES_OF_A_REQUEST), cores, requestCpu };
}

/**
 * Open loops as they would have been had their threads not waited for each other: what was measured under a load holds it, and
 * a simulation adds it anew by what the load is.
 */
export function withoutWakeWaits(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
  bursts: WakeBursts | undefined,
): readonly Observation[] {
  if (bursts === undefined) return observations;
  const instances = new Map(configs.map((config) => [config.name, activeInstances(config)]));
  return observations.map((observation) => {
    if (!isOpen(observation.experiment)) return observation;
    return lessened(observation, waitsOf(observation, bursts, instances));
  });
}

/** What a thread that wakes waited, mean. */
interface MeanWaits {
  /** On the way of a request. */
  readonly onWayUs: number;
  /** For an execution of a model, by its name: its instance's others are over then. */
  ofExecutionUs(model: string): number;
}

function waitsOf(
  observation: Observation,
  bursts: WakeBursts,
  instances: ReadonlyMap<string, number>,
): MeanWaits {
  const { burstUs, cores } = bursts;
  const meanWaitUs = (busyShare: number) => {
    const { probability, meanUs } = wakeQueue(burstUs, cores, busyShare);
    return probability * meanUs;
  };
  const { requests, executions } = busyShares(observation, bursts);
  const all = [...executions.values()].reduce((sum, share) => sum + share, requests);
  return {
    onWayUs: meanWaitUs(all),
    ofExecutionUs: (model) =>
      meanWaitUs(Math.max(0, all - (executions.get(model) ?? 0) / (instances.get(model) ?? 1))),
  };
}

/** Shares of the host's cores that requests take, and by model its executions besides what they compute. */
function busyShares(
  { clients, statistics, durationS }: Observation,
  { cores, requestCpu }: WakeBursts,
): { readonly requests: number; readonly executions: ReadonlyMap<string, number> } {
  const wholeUs = durationS * 1e6 * cores;
  const requestsUs = clients.reduce((sum, { model, completed }) => {
    const { requestCpuUs = 0, clientCpuUs = 0 } = requestCpu.get(model) ?? {};
    return sum + completed * (requestCpuUs + clientCpuUs);
  }, 0);
  const executions = statistics.map(
    ({ model, executionCount }) =>
      [model, (executionCount * (requestCpu.get(model)?.executionCpuUs ?? 0)) / wholeUs] as const,
  );
  return { requests: requestsUs / wholeUs, executions: new Map(executions) };
}

function lessened(observation: Observation, waits: MeanWaits): Observation {
  const { statistics, slices, turns, clients } = observation;
  const counted = (each: readonly ModelStatistics[]) =>
    each.map((one) => lessenedStatistics(one, waits.ofExecutionUs(one.model)));
  return {
    ...observation,
    clients: clients.map((client) => lessenedClient(client, waits)),
    statistics: counted(statistics),
    ...(slices !== undefined && { slices: counted(slices) }),
    ...(turns !== undefined && {
      turns: turns.map((turn) => ({ ...turn, statistics: counted(turn.statistics) })),
    }),
  };
}

const IN_SERVER = WAKES.inference + WAKES.output;

function lessenedStatistics(counted: ModelStatistics, waitUs: number): ModelStatistics {
  const shorter = (duration: StatisticDuration, wakes: number) => ({
    ...duration,
    ns: Math.max(duration.ns / 2, duration.ns - duration.count * wakes * waitUs * 1000),
  });
  const phases = ({
    computeInfer,
    computeOutput,
  }: Pick<ModelStatistics, 'computeInfer' | 'computeOutput'>) => ({
    computeInfer: shorter(computeInfer, WAKES.inference),
    computeOutput: shorter(computeOutput, WAKES.output),
  });
  return {
    ...counted,
    ...phases(counted),
    success: shorter(counted.success, IN_SERVER),
    batches: counted.batches.map((batch) => ({ ...batch, ...phases(batch) })),
  };
}

function lessenedClient(client: ClientObservation, waits: MeanWaits): ClientObservation {
  const wholeUs =
    IN_SERVER * waits.ofExecutionUs(client.model) + (WAKES.wayIn + WAKES.wayBack) * waits.onWayUs;
  const shorter = (us: number) => (us < 0 ? us : Math.max(us / 2, us - wholeUs));
  const { meanUs, quantilesUs, latenciesUs } = client;
  return {
    ...client,
    meanUs: shorter(meanUs),
    quantilesUs: quantilesUs.map(shorter),
    ...(latenciesUs !== undefined && { latenciesUs: latenciesUs.map(shorter) }),
  };
}
