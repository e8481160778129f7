import { mean, median } from 'simple-statistics';
import type { Serving, ThreadWaits } from '../../profile/profile.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { activeInstances } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import { fitHostCores } from './host-cores.js';
import { meanPhases, requestMeans, timeUs } from './phases.js';
import { tenths } from './rounding.js';
import { meanWaitUs } from './thread-waits.js';

/** Delays of one server, all but the race of its threads, and what each model's requests and executions take besides. */
export interface DelayFit {
  readonly serving: Omit<Serving, 'batcherWinsShare' | 'lateBindingWinsShare' | 'cpuCores' | keyof WayFit>;
  /** By model. */
  readonly ways: ReadonlyMap<string, WayFit>;
  /** From the last response of an execution until its instance asks for the next one. */
  readonly afterExecutionUs: ReadonlyMap<string, number>;
  /** Models for which that was measured; the others have the median of these. */
  readonly measuredModels: readonly string[];
}

/** The way to a model, and what perseus' own client takes of it besides. */
export type WayFit = Pick<
  Serving,
  'requestDelayUs' | 'responseDelayUs' | 'wayByRate' | 'wayOfCallers' | 'generatorUs'
>;

/** An instance thread that goes on needs no waking: a lock and a look at the queue. */
const PICK_UP_US = 5;
/**
 * What perseus' own client takes of the way to the server and back, and no more than so long. Measured on two cores:
 * 361 and 381 us of way with one caller, where perf_analyzer took 317 and 245 with one caller and 280 to 400 in open loops.
 */
const CLIENT_SHARE = 0.1;
const MOST_CLIENT_US = 120;
const LEAST_TRANSPORT_US = 20;
/**
 * Threads that a client wakes beyond those of perseus' own, which is one thread: perf_analyzer's requests took 40 to 100 us
 * longer on their way than perseus' own on the same two cores, where waking a thread took 35 to 47 us.
 */
const CLIENT_WAKE_UPS = 2;

/**
 * - Waiting in the queue with a single caller is the waking of threads: of the batcher and an instance
 *   under dynamic batching, of an instance alone under the default scheduler.
 * - A client's latency less the server's request time is transport and client: {@link CLIENT_SHARE} of it, the rest
 *   is what a lean client meets.
 * - A saturated instance's cycle less the phases of its executions is what comes after an execution.
 */
export function fitDelays(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
  threadWaits?: ThreadWaits,
): DelayFit {
  const { batcherWakeUs, instanceWakeUs, timerSlackUs } = fitWakes(observations, configs);
  const measured = new Map(
    configs.flatMap((config) => {
      const afterUs = afterExecution(observations, config, batcherWakeUs + instanceWakeUs);
      return afterUs === undefined ? [] : [[config.name, afterUs] as const];
    }),
  );
  const typicalUs = medianOr([...measured.values()], 0);
  return {
    serving: {
      batcherWakeUs,
      instanceWakeUs,
      timerSlackUs,
      instancePickUpUs: PICK_UP_US,
      clientUs: tenths(CLIENT_WAKE_UPS * instanceWakeUs),
    },
    ways: new Map(configs.map(({ name }) => [name, fitWay(observations, name, threadWaits)])),
    afterExecutionUs: new Map(configs.map(({ name }) => [name, measured.get(name) ?? typicalUs])),
    measuredModels: [...measured.keys()],
  };
}

/**
 * A sparse open loop finds cores that have to wake; a dense one takes up to two thirds less where executions leave cores
 * idle, and more where they crowd them, which is not the way's. So the way depends on the rate where a dense load
 * took less. Where nobody knows the rate it is the mean of both. A single caller finds everything warm: that is the way
 * of callers to models that compute, which crowd the cores under dense loads, and of all where no open loop was measured.
 */
function fitWay(
  observations: readonly Observation[],
  model: string,
  threadWaits: ThreadWaits | undefined,
): WayFit {
  const computes = fitHostCores(observations, model) > 0;
  const waits = computes ? threadWaits : undefined;
  const [sparse] = waysOf(observationsOf(observations, 'alone', model), model, waits);
  const dense = meanWay(waysOf(observationsOf(observations, 'poisson', model), model));
  const callers = observationsOf(observations, 'sequential', model)
    .slice()
    .sort((a, b) => a.experiment.batchSize - b.experiment.batchSize);
  const [caller] = waysOf(callers, model);
  const open = sparse === undefined ? dense?.us : Math.min(sparse.us, (sparse.us + (dense ?? sparse).us) / 2);
  const usual = delaysOf(open ?? caller?.us ?? 0);
  return {
    ...usual,
    ...byRate(sparse, dense, usual.generatorUs),
    ...(caller !== undefined &&
      caller.us < (open ?? 0) &&
      computes && { wayOfCallers: oneWays(caller.us, usual.generatorUs) }),
  };
}

function byRate(
  sparse: WayAtRate | undefined,
  dense: WayAtRate | undefined,
  generatorUs: number,
): Pick<WayFit, 'wayByRate'> {
  if (sparse === undefined || dense === undefined) return {};
  if (dense.us >= sparse.us || dense.requestsPerS <= sparse.requestsPerS) return {};
  const wayByRate = [sparse, dense].map(({ requestsPerS, us }) => ({
    requestsPerS: tenths(requestsPerS),
    ...oneWays(us, generatorUs),
  }));
  return { wayByRate };
}

function oneWays(us: number, generatorUs: number) {
  const { requestDelayUs, responseDelayUs } = delaysOf(us, generatorUs);
  return { requestDelayUs, responseDelayUs };
}

/** What clients waited outside of the server, microseconds, under so many requests per second. */
interface WayAtRate {
  readonly requestsPerS: number;
  readonly us: number;
}

/** @param threadWaits what requests wait that come while the model itself computes: that is not the way's */
function waysOf(points: readonly Observation[], model: string, threadWaits?: ThreadWaits): WayAtRate[] {
  return points.flatMap(({ clients, statistics, durationS }) => {
    const counted = statistics.find((each) => each.model === model);
    const { completed, meanUs } = clients[0]!;
    if (counted === undefined) return [];
    const busyShare = timeUs([counted], ['inferUs']) / (durationS * 1e6);
    const us = meanUs - requestMeans(counted).requestUs - meanWaitUs(threadWaits, busyShare);
    return [{ requestsPerS: completed / durationS, us }];
  });
}

/** Machines drift: all points of a kind count. */
function meanWay(ways: readonly WayAtRate[]): WayAtRate | undefined {
  if (ways.length === 0) return undefined;
  return { requestsPerS: mean(ways.map((each) => each.requestsPerS)), us: mean(ways.map(({ us }) => us)) };
}

function delaysOf(wayUs: number, clientUs?: number): WayFit {
  const us = Math.max(LEAST_TRANSPORT_US, wayUs);
  const generatorUs = tenths(clientUs ?? Math.min(CLIENT_SHARE * us, MOST_CLIENT_US));
  const oneWayUs = tenths(Math.max(0, us - generatorUs) / 2);
  return { requestDelayUs: oneWayUs, responseDelayUs: oneWayUs, generatorUs };
}

interface Wakes {
  readonly batcherWakeUs: number;
  readonly instanceWakeUs: number;
  readonly timerSlackUs: number;
}

function fitWakes(observations: readonly Observation[], configs: readonly ModelConfig[]): Wakes {
  const plain: number[] = [];
  const batched: number[] = [];
  const held: number[] = [];
  for (const config of configs) {
    const { dynamicBatching, maxBatchSize } = config;
    for (const { experiment, statistics } of observationsOf(observations, 'sequential', config.name)) {
      const counted = statistics.find(({ model }) => model === config.name);
      if (counted === undefined) continue;
      const { queueUs } = requestMeans(counted);
      const leavesAtOnce =
        (dynamicBatching?.maxQueueDelayUs ?? 0) === 0 ||
        dynamicBatching!.preferredBatchSizes.includes(experiment.batchSize) ||
        experiment.batchSize >= maxBatchSize;
      if (dynamicBatching === undefined) plain.push(queueUs);
      else if (leavesAtOnce) batched.push(queueUs);
      else held.push(queueUs - dynamicBatching.maxQueueDelayUs);
    }
  }
  const both = medianOr(batched, medianOr(plain, 0) * 2);
  const instanceWakeUs = plain.length > 0 ? Math.min(median(plain), both) : both / 2;
  return {
    batcherWakeUs: tenths(Math.max(both - instanceWakeUs, PICK_UP_US + 1)),
    instanceWakeUs: tenths(instanceWakeUs),
    timerSlackUs: tenths(Math.max(0, medianOr(held, instanceWakeUs) - instanceWakeUs)),
  };
}

/** Of three callers one executes and two wait, a cycle and more each. */
const LEAST_WAIT = 0.5;
/** What follows an execution grows with its tensors; most executions hold few inferences. */
const USUAL_BATCH = 2;

/**
 * Undefined where no point was measured or none did saturate. Where payloads are bound late, a turn of the batcher is
 * in the cycle: it wakes when an instance has become idle, and wakes that one.
 */
function afterExecution(
  observations: readonly Observation[],
  config: ModelConfig,
  turnUs: number,
): number | undefined {
  const gaps = observationsOf(observations, 'saturated', config.name)
    .flatMap((point) => {
      const cycleGapUs = gapOf(point, config);
      if (cycleGapUs === undefined) return [];
      const gapUs = isPrefetching(config) ? cycleGapUs : Math.max(0, cycleGapUs - turnUs);
      return [{ batchSize: point.experiment.batchSize, gapUs }];
    })
    .sort((a, b) => a.batchSize - b.batchSize);
  const [small, large] = [gaps[0], gaps.at(-1)];
  if (small === undefined || large === undefined) return undefined;
  if (small === large) return tenths(small.gapUs);
  const slope = Math.max(0, large.gapUs - small.gapUs) / (large.batchSize - small.batchSize);
  return tenths(Math.min(small.gapUs, large.gapUs) + slope * (USUAL_BATCH - small.batchSize));
}

/** The cycle of an instance that is never without work, less the phases of its execution. */
function gapOf({ statistics, clients, durationS }: Observation, config: ModelConfig): number | undefined {
  const counted = statistics.find(({ model }) => model === config.name);
  if (counted === undefined || counted.executionCount === 0 || clients[0]!.completed === 0) return undefined;
  const executions = clients[0]!.completed / (counted.success.count / counted.executionCount);
  const cycleUs = (durationS * 1e6 * activeInstances(config)) / executions;
  const { inputUs, inferUs, outputUs } = meanPhases(counted);
  const { queueUs, overheadUs } = requestMeans(counted);
  // An instance that waits for callers is not saturated: what is left of its cycle is not its own.
  if (queueUs < LEAST_WAIT * cycleUs) return undefined;
  // Responses that are sent after the output phase are on the instance thread as well.
  return Math.max(0, cycleUs - inputUs - inferUs - outputUs - overheadUs - PICK_UP_US);
}

function medianOr(values: number[], fallback: number): number {
  return values.length === 0 ? fallback : median(values);
}
