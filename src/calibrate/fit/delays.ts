import { median } from 'simple-statistics';
import type { Serving, ThreadWaits } from '../../profile/profile.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { activeInstances } from '../experiment.js';
import { type Observation, observationsOf, steadyAnswers } from '../observation.js';
import { computingModels } from './host-cores.js';
import { meanPhases, requestMeans } from './phases.js';
import { tenths } from './rounding.js';
import { fitWay, type WayFit } from './way.js';

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

/** An instance thread that goes on needs no waking: a lock and a look at the queue. */
const PICK_UP_US = 5;
/**
 * Threads that a client wakes beyond those of perseus' own, which is one thread: perf_analyzer's requests took 40 to 100 us
 * longer on their way than perseus' own on the same two cores, where waking a thread took 35 to 47 us.
 */
const CLIENT_WAKE_UPS = 2;
/**
 * What waking a client for one more response takes of the instance thread, in parts of a wake-up: outputs of executions of 2, 4
 * and 8 requests took 25, 52 and 90 us longer under perf_analyzer than under perseus' own client at the same rate (1,000/s; three
 * runs each by turns; those of another model 60 and 100 us), where waking a thread took 48 us.
 */
const FURTHER_WAKE_UPS = 0.3;

/**
 * What waking the batcher takes of the instance thread that has executed, in parts of a wake-up: saturated with full batches,
 * instances of waiting models went on 26 us after an execution under the default scheduler and 50 to 150 under dynamic batching
 * where waking a batcher took 52 to 66 us; two models under both, by turns, 19 to 27 and 33 to 87 (the shortest two of eight).
 */
const BATCHER_WAKE_UPS = 1;

/**
 * - Waiting in the queue with a single caller is the waking of threads: of the batcher and an instance
 *   under dynamic batching, of an instance alone under the default scheduler.
 * - A client's latency less the server's request time is transport and client ({@link fitWay}).
 * - A saturated instance's cycle less the phases of its executions is what comes after an execution.
 */
export function fitDelays(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
  threadWaits?: ThreadWaits,
): DelayFit {
  const { batcherWakeUs, instanceWakeUs, timerSlackUs } = fitWakes(observations, configs);
  const batcherSignalUs = tenths(BATCHER_WAKE_UPS * batcherWakeUs);
  const measured = new Map(
    configs.flatMap((config) => {
      const afterUs = afterExecution(observations, config, batcherWakeUs + instanceWakeUs);
      // A profile holds what it would be with a batcher to wake.
      const signalUs = config.dynamicBatching === undefined ? batcherSignalUs : 0;
      return afterUs === undefined ? [] : [[config.name, tenths(afterUs + signalUs)] as const];
    }),
  );
  const typicalUs = medianOr([...measured.values()], 0);
  const computing = computingModels(
    observations,
    configs.map(({ name }) => name),
  );
  return {
    serving: {
      batcherWakeUs,
      batcherSignalUs,
      instanceWakeUs,
      timerSlackUs,
      instancePickUpUs: PICK_UP_US,
      clientUs: tenths(CLIENT_WAKE_UPS * instanceWakeUs),
      clientWakeUs: tenths(FURTHER_WAKE_UPS * instanceWakeUs),
    },
    ways: new Map(configs.map(({ name }) => [name, fitWay(observations, name, { computing, threadWaits })])),
    afterExecutionUs: new Map(configs.map(({ name }) => [name, measured.get(name) ?? typicalUs])),
    measuredModels: [...measured.keys()],
  };
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
  const { completed, us } = steadyAnswers(clients[0]!, durationS);
  const executions = completed / (counted.success.count / counted.executionCount);
  const cycleUs = (us * activeInstances(config)) / executions;
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
