import { sum } from 'simple-statistics';
import { exponential } from '../../base/distributions.js';
import { RandomStreams } from '../../base/random.js';
import type { ModelProfile } from '../../profile/profile.js';
import { withoutCopies } from '../../profile/without-copies.js';
import { FRONT_END_THREADS } from '../../scenario/check/grpc-threads.js';
import type { Load, Network, Scenario, Server, Tenant } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { buildTrace } from '../../trace/build.js';
import { singleCalls } from '../../trace/calls.js';
import { completedRows, type RequestLog } from '../../trace/request-log.js';
import type { Trace } from '../../trace/trace.js';
import type { OpenLoop, SummaryObservation, SummarySetup } from './observation.js';
import type { SummaryParameters } from './parameters.js';

/** A loop to simulate, and how long. */
export interface Loop {
  readonly concurrency: number;
  /** Requests at a rate instead of clients. */
  readonly openLoop?: OpenLoop | undefined;
  readonly requestBatch: number;
  /** About how long a request takes: sets the length of the run. */
  readonly latencyMs: number;
  /** Latencies that are simulated, warm-up among them. */
  readonly rounds: number;
  readonly seed: string | number;
}

/** Wake-ups of Triton's threads on an idle machine: assumed, a table of figures does not tell them. */
export const WAKE_US = 5;

/** Share of a run that is not counted. */
export const WARM_UP = 1 / 4;

/** Requests that a run simulates at most and, in an open loop, at least, about. */
const MOST_REQUESTS = 20_000;
const LEAST_REQUESTS = 1000;
/** Latencies below which a run would be all warm-up. */
const LEAST_ROUNDS = 6;

/** What the network takes; the rest of what a table is explained by is in the profile. */
type NetworkParameters = Pick<SummaryParameters, 'linkMs' | 'roundTripMs'>;

/** What a table of this loop would show. */
export function simulateLoop(
  parameters: NetworkParameters,
  profile: ModelProfile,
  setup: SummarySetup,
  loop: Loop,
): SummaryObservation {
  const durationUs = durationUsOf(loop);
  const { log } = simulate({
    name: 'summary',
    seed: loop.seed,
    durationUs,
    warmUpUs: WARM_UP * durationUs,
    servers: [server(parameters, profile, setup)],
    tenants: [tenant(setup, loop, durationUs)],
  } satisfies Scenario);
  return summarizeLoop(log, loop, WARM_UP * durationUs);
}

export function durationUsOf({ concurrency, openLoop, latencyMs, rounds }: Loop): number {
  const most = Math.max(LEAST_ROUNDS, MOST_REQUESTS / concurrency);
  const closedUs = latencyMs * Math.min(rounds, most) * 1000;
  if (openLoop === undefined) return Math.ceil(closedUs);
  const requestUs = 1e6 / openLoop.requestsPerS;
  return Math.ceil(Math.max(LEAST_REQUESTS * requestUs, Math.min(MOST_REQUESTS * requestUs, closedUs)));
}

/** Shared by all requests in flight. */
export function summaryNetwork(
  { linkMs, roundTripMs }: NetworkParameters,
  payload: SummarySetup['payload'],
): Network {
  return {
    requestDelayUs: (roundTripMs * 1000) / 2,
    responseDelayUs: (roundTripMs * 1000) / 2,
    requestBytesPerUs: linkMs > 0 ? bytesOf(payload) / (linkMs * 1000) : Infinity,
    responseBytesPerUs: Infinity,
  };
}

/** A size for tables that do not tell it, so that the network delay can still be shared. */
function bytesOf({ requestBytes }: SummarySetup['payload']): number {
  return requestBytes > 0 ? requestBytes : 1024;
}

function server(parameters: NetworkParameters, profile: ModelProfile, setup: SummarySetup): Server {
  const { config, instances, devices = 1, pipelined = false, takesTurns = false, protocol } = setup;
  const served = setup.sharedMemory === undefined ? profile : withoutCopies(profile);
  return {
    name: 'server',
    machine: { kind: 'unknown', usdPerHour: 0, priceSource: 'unpriced' },
    cpuCores: Infinity,
    network: summaryNetwork(parameters, setup.payload),
    options: {
      tritonVersion: 'unknown',
      protocol,
      frontEndThreads: setup.frontEndThreads ?? FRONT_END_THREADS[protocol],
      batcherWakeUs: WAKE_US,
      instancePickUpUs: WAKE_US,
    },
    devices: Array.from({ length: devices }, (_, i) => ({
      name: `gpu${i}`,
      kind: setup.device,
      memoryMb: 0,
      sharing: { mode: 'streams' },
    })),
    models: [
      {
        config,
        pipelined,
        takesTurns,
        instances: Array.from({ length: devices * instances }, (_, i) => ({
          device: i % devices,
          profile: served,
        })),
      },
    ],
  };
}

function tenant(setup: SummarySetup, loop: Loop, durationUs: number): Tenant {
  return {
    name: 'clients',
    model: setup.config.name,
    targets: [{ server: 0, model: 0 }],
    routing: 'roundRobin',
    load: loadOf(loop, durationUs),
    batchSize: loop.requestBatch,
    ...(setup.sharedMemory === undefined
      ? { requestBytes: bytesOf(setup.payload), responseBytes: setup.payload.responseBytes }
      : { requestBytes: 0, responseBytes: 0, sharedMemory: setup.sharedMemory }),
    priority: 0,
    timeoutUs: 0,
    shape: 0,
  };
}

function loadOf({ concurrency, openLoop, seed }: Loop, durationUs: number): Load {
  if (openLoop !== undefined) return { mode: 'open', trace: arrivalsOf(openLoop, durationUs, seed) };
  return {
    mode: 'closed',
    concurrency,
    thinkTime: { law: 'constant', meanUs: 0 },
    maxRequests: Infinity,
  };
}

/** As perf_analyzer plans them: evenly, or with exponential gaps. */
function arrivalsOf({ requestsPerS, arrivals }: OpenLoop, durationUs: number, seed: Loop['seed']): Trace {
  const random = new RandomStreams(seed).get('arrivals');
  const meanUs = 1e6 / requestsPerS;
  const gapUs = () => (arrivals === 'poisson' ? exponential(random, meanUs) : meanUs);
  const arrivalUs: number[] = [];
  for (let at = gapUs(); at < durationUs; at += gapUs()) arrivalUs.push(Math.floor(at));
  return buildTrace({ arrivalUs, durationUs });
}

/** Means over the requests that ended after `fromUs`, as perf_analyzer counts its windows. */
function summarizeLoop(log: RequestLog, loop: Loop, fromUs: number): SummaryObservation {
  const rows = completedRows(log).filter((row) => log.endedUs[row]! >= fromUs);
  const meanMs = (us: (row: number) => number) => sum(rows.map(us)) / rows.length / 1000;
  const meanLatencyMs = meanMs((row) => log.endedUs[row]! - log.sentUs[row]!);
  const calls = singleCalls(log);
  const parts = {
    queue: meanMs((row) => calls.startedUs[row]! - calls.queuedUs[row]!),
    input: meanMs((row) => calls.inputUs[row]!),
    infer: meanMs((row) => calls.inferUs[row]!),
    output: meanMs((row) => calls.outputUs[row]!),
  };
  return {
    concurrency: loop.concurrency,
    ...(loop.openLoop !== undefined && { openLoop: loop.openLoop }),
    requestBatch: loop.requestBatch,
    inferencesPerS: (rows.length * loop.requestBatch * 1e6) / (log.endUs - fromUs),
    meanLatencyMs,
    splitMs: {
      outside: meanLatencyMs - parts.queue - parts.input - parts.infer - parts.output,
      ...parts,
    },
  };
}
