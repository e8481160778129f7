import type { ModelProfile } from '../../../profile/profile.js';
import { FRONT_END_THREADS } from '../../../scenario/check/grpc-threads.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { activeInstances } from '../../experiment.js';
import {
  coresOf,
  countedPoints,
  type Observation,
  observationsOf,
  steadyAnswers,
} from '../../observation.js';
import { requestMeans, requestsPerExecution } from '../phases.js';
import { hundredths, tenths, thousandths } from '../rounding.js';
import { fitPerKilobyte, KILOBYTE, type SizedTime } from './per-kilobyte.js';

/** What a request costs in a thread of the server's front end, before its queue. */
export type FrontEnd = Pick<ModelProfile['frontEnd'], 'perRequestUs' | 'perKilobyteUs'>;

export interface FrontEndFit extends FrontEnd {
  readonly isKilobyteKnown: boolean;
  readonly isRequestKnown: boolean;
}

export interface FrontEndFacts {
  readonly config: ModelConfig;
  readonly payload: ModelProfile['payload'];
  /** Cores of the server's host, where it is also the client's. */
  readonly cpuCores?: number | undefined;
  /** gRPC where nobody says. */
  readonly protocol?: 'grpc' | 'http' | undefined;
}

/** What the front end takes of a request with so many inferences, microseconds. */
export function frontEndUs(
  { perRequestUs, perKilobyteUs }: FrontEnd,
  { requestBytes }: ModelProfile['payload'],
  batchSize = 1,
): number {
  return perRequestUs + (perKilobyteUs * requestBytes * batchSize) / KILOBYTE;
}

/**
 * - A kilobyte: network delays of a single client grow with the size of its requests, which hold one inference and more.
 * - A request: where many clients wait and neither instances nor cores are busy all the time, the front end's threads are.
 */
export function fitFrontEnd(observations: readonly Observation[], facts: FrontEndFacts): FrontEndFit {
  const model = facts.config.name;
  const bySize = delaysBySize(observations, model, facts.payload);
  const perKilobyte = fitPerKilobyte(bySize, NEGLIGIBLE * (bySize[0]?.us ?? 0));
  const perRequestUs = fitPerRequest(observations, {
    ...facts,
    perKilobyteUs: perKilobyte.us,
    delayUs: (bySize[0]?.us ?? 0) - perKilobyte.us * (bySize[0]?.kilobytes ?? 0),
  });
  return {
    perKilobyteUs: thousandths(perKilobyte.us),
    perRequestUs: tenths(perRequestUs ?? 0),
    isKilobyteKnown: perKilobyte.isKnown,
    isRequestKnown: perRequestUs !== undefined,
  };
}

/** What a single client saw of requests of one size. */
export interface SequentialDelay {
  readonly batchSize: number;
  /** Latency less the server's request time. */
  readonly networkUs: number;
  readonly executionUs: number;
  /** From the execution to the first response of a stream. */
  readonly lagUs: number;
}

/** By batch size, ascending. */
export function sequentialDelays(observations: readonly Observation[], model: string): SequentialDelay[] {
  return countedPoints(observations, 'sequential', model)
    .flatMap(({ experiment: { batchSize }, clients: [client], counted }) => {
      if (client === undefined) return [];
      const { requestUs, queueUs } = requestMeans(counted);
      const { meanUs, lagUs = 0 } = client;
      return [{ batchSize, networkUs: meanUs - requestUs, executionUs: requestUs - queueUs, lagUs }];
    })
    .sort((a, b) => a.batchSize - b.batchSize);
}

function delaysBySize(
  observations: readonly Observation[],
  model: string,
  { requestBytes }: ModelProfile['payload'],
): SizedTime[] {
  return sequentialDelays(observations, model).map(({ batchSize, networkUs }) => ({
    kilobytes: (requestBytes * batchSize) / KILOBYTE,
    us: networkUs,
  }));
}

/** Part of the network delay below which it does not matter what a request's kilobytes cost. */
const NEGLIGIBLE = 0.05;

interface RequestFacts extends FrontEndFacts {
  readonly perKilobyteUs: number;
  /** Network delay of a request without its kilobytes. */
  readonly delayUs: number;
}

/** Requests that wait for a thread, at least, on average: then all threads are busy. */
const LEAST_WAITING = 2;
/** Cores of a client or a host from which these may be what requests wait for. */
const CLIENT_BUSY = 0.8;
const HOST_BUSY = 0.85;
/** Instances that execute for more of the time may be what requests wait for. */
const INSTANCES_BUSY = 0.9;

function fitPerRequest(observations: readonly Observation[], facts: RequestFacts): number | undefined {
  const model = facts.config.name;
  const points = [
    ...observationsOf(observations, 'frontEnd', model),
    ...observationsOf(observations, 'backlog', model),
  ];
  const found = points.flatMap((point) => requestUsOf(point, point.experiment.batchSize, facts) ?? []);
  return found.length === 0 ? undefined : hundredths(Math.min(...found));
}

function requestUsOf(
  point: Observation,
  batchSize: number,
  { config, payload, perKilobyteUs, delayUs, cpuCores, protocol = 'grpc' }: RequestFacts,
): number | undefined {
  const { clients, durationS, statistics, cpu, clientS = cpu?.clientS ?? 0 } = point;
  const [client] = clients;
  const counted = statistics[0];
  if (client === undefined || counted === undefined || client.completed === 0) return undefined;
  if (clientS / durationS > CLIENT_BUSY) return undefined;
  if (cpu !== undefined && coresOf(cpu.machineS, point) > HOST_BUSY * (cpuCores ?? 1)) return undefined;
  const { requestUs, queueUs, overheadUs } = requestMeans(counted);
  const executedUs = (requestUs - queueUs - overheadUs) / requestsPerExecution([counted]);
  const { completed, us } = steadyAnswers(client, durationS);
  const perUs = completed / us;
  if (perUs * executedUs > INSTANCES_BUSY * activeInstances(config)) return undefined;
  const threads = FRONT_END_THREADS[protocol];
  const sizeUs = frontEndUs({ perRequestUs: 0, perKilobyteUs }, payload, batchSize);
  const waitUs = client.meanUs - requestUs - delayUs - sizeUs;
  const ofRequestUs = threads / perUs - sizeUs;
  // It is part of the network delay of a single client, too.
  const isWhole = ofRequestUs > 0 && ofRequestUs < delayUs;
  return isWhole && waitUs * perUs >= LEAST_WAITING ? ofRequestUs : undefined;
}
