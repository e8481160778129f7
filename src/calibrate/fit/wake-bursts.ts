import { median } from 'simple-statistics';
import type { ModelStatistics, StatisticDuration } from '../../live/inference-client.js';
import { WAKES, WAKES_OF_A_REQUEST, wakeQueue } from '../../profile/wake-waits.js';
import { isOpen } from '../experiment.js';
import type { ClientObservation, Observation } from '../observation.js';
import type { RequestCpu } from './request-cpu.js';
import { tenths } from './rounding.js';

/** What requests take of a host's cores, in bursts of threads that wake for them. */
export interface WakeBursts {
  /** How long a thread runs when it has woken. */
  readonly burstUs: number;
  readonly cores: number;
  /** By model. */
  readonly requestCpu: ReadonlyMap<string, RequestCpu>;
}

/** A request of its own execution wakes so many threads, which share what it takes. Undefined where nothing was counted. */
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
  bursts: WakeBursts | undefined,
): readonly Observation[] {
  if (bursts === undefined) return observations;
  return observations.map((observation) => {
    if (!isOpen(observation.experiment)) return observation;
    const { probability, meanUs } = wakeQueue(bursts.burstUs, bursts.cores, busyShare(observation, bursts));
    return lessened(observation, probability * meanUs);
  });
}

/** Of the host's cores, with what requests and executions take besides what computes. */
function busyShare(
  { clients, statistics, durationS }: Observation,
  { cores, requestCpu }: WakeBursts,
): number {
  const ofRequests = clients.reduce((sum, { model, completed }) => {
    const { requestCpuUs = 0, clientCpuUs = 0 } = requestCpu.get(model) ?? {};
    return sum + completed * (requestCpuUs + clientCpuUs);
  }, 0);
  const ofExecutions = statistics.reduce(
    (sum, { model, executionCount }) => sum + executionCount * (requestCpu.get(model)?.executionCpuUs ?? 0),
    0,
  );
  return (ofRequests + ofExecutions) / (durationS * 1e6 * cores);
}

function lessened(observation: Observation, waitUs: number): Observation {
  const { statistics, slices, turns, clients } = observation;
  const counted = (each: readonly ModelStatistics[]) => each.map((one) => lessenedStatistics(one, waitUs));
  return {
    ...observation,
    clients: clients.map((client) => lessenedClient(client, waitUs)),
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

function lessenedClient(client: ClientObservation, waitUs: number): ClientObservation {
  const wholeUs = (IN_SERVER + WAKES.wayIn + WAKES.wayBack) * waitUs;
  const shorter = (us: number) => (us < 0 ? us : Math.max(us / 2, us - wholeUs));
  const { meanUs, quantilesUs, latenciesUs } = client;
  return {
    ...client,
    meanUs: shorter(meanUs),
    quantilesUs: quantilesUs.map(shorter),
    ...(latenciesUs !== undefined && { latenciesUs: latenciesUs.map(shorter) }),
  };
}
