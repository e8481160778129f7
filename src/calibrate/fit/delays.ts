import { median } from 'simple-statistics';
import type { Serving } from '../../profile/profile.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { activeInstances } from '../experiment.js';
import { type Observation, observationsOf } from '../observation.js';
import { meanPhases, requestMeans } from './phases.js';

/** Delays of one server, all but the race of its threads, and what each model's executions take besides their phases. */
export interface DelayFit {
  readonly serving: Omit<Serving, 'batcherWinsShare' | 'lateBindingWinsShare' | 'cpuCores'>;
  /** From the last response of an execution until its instance asks for the next one. */
  readonly afterExecutionUs: ReadonlyMap<string, number>;
  /** Models for which that was measured; the others have the median of these. */
  readonly measuredModels: readonly string[];
}

/** An instance thread that goes on needs no waking: a lock and a look at the queue. */
const PICK_UP_US = 5;
/**
 * gRPC to the server and back in wake-ups of a batcher and an instance: two threads are woken as well, that
 * of the front end and the client's, and bytes pass the kernel twice. perf_analyzer on two machines: 81 us where a
 * single caller's requests wait 38 us in the queue, 174 us where they wait 88 us.
 */
const TRANSPORT_OF_WAKES = 2;
const LEAST_TRANSPORT_US = 20;

/**
 * - Waiting in the queue with a single caller is the waking of threads: of the batcher and an instance
 *   under dynamic batching, of an instance alone under the default scheduler.
 * - A caller's latency less the server's request time is transport and client. To a lean client transport is
 *   what {@link TRANSPORT_OF_WAKES} says and the network's round trip; the rest is this load generator.
 * - A saturated instance's cycle less the phases of its executions is what comes after an execution.
 */
export function fitDelays(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
  networkUs = 0,
): DelayFit {
  const { batcherWakeUs, instanceWakeUs, timerSlackUs } = fitWakes(observations, configs);
  const outsideUs = observationsOf(observations, 'sequential')
    .filter(isSmallest(observations))
    .map((each) => {
      const counted = each.statistics.find(({ model }) => model === each.experiment.model);
      return each.clients[0]!.meanUs - (counted === undefined ? 0 : requestMeans(counted).requestUs);
    });
  const waysUs = Math.max(LEAST_TRANSPORT_US, medianOr(outsideUs, 0));
  const localUs = TRANSPORT_OF_WAKES * (batcherWakeUs + instanceWakeUs);
  const transportUs = Math.min(waysUs, Math.max(LEAST_TRANSPORT_US, localUs + networkUs));
  const generatorUs = waysUs - transportUs;
  const measured = new Map(
    configs.flatMap((config) => {
      const afterUs = afterExecution(observations, config);
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
      requestDelayUs: round(transportUs / 2),
      responseDelayUs: round(transportUs / 2),
      generatorUs: round(generatorUs),
    },
    afterExecutionUs: new Map(configs.map(({ name }) => [name, measured.get(name) ?? typicalUs])),
    measuredModels: [...measured.keys()],
  };
}

/** Whether a point has the smallest batch measured of its model: the least of transport and client. */
function isSmallest(observations: readonly Observation[]) {
  return (each: Observation): boolean => {
    const sizes = observationsOf(observations, 'sequential', each.experiment.model).map(
      ({ experiment }) => experiment.batchSize,
    );
    return 'batchSize' in each.experiment && each.experiment.batchSize === Math.min(...sizes);
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
    batcherWakeUs: round(Math.max(both - instanceWakeUs, PICK_UP_US + 1)),
    instanceWakeUs: round(instanceWakeUs),
    timerSlackUs: round(Math.max(0, medianOr(held, instanceWakeUs) - instanceWakeUs)),
  };
}

/** Of three callers one executes and two wait, a cycle and more each. */
const LEAST_WAIT = 0.5;
/** What follows an execution grows with its tensors; most executions hold few inferences. */
const USUAL_BATCH = 2;

/** Undefined where no point was measured or none did saturate, or payloads are bound late: a turn of the batcher is then in the cycle. */
function afterExecution(observations: readonly Observation[], config: ModelConfig): number | undefined {
  if (!isPrefetching(config)) return undefined;
  const gaps = observationsOf(observations, 'saturated', config.name)
    .flatMap((point) => {
      const gapUs = gapOf(point, config);
      return gapUs === undefined ? [] : [{ batchSize: point.experiment.batchSize, gapUs }];
    })
    .sort((a, b) => a.batchSize - b.batchSize);
  const [small, large] = [gaps[0], gaps.at(-1)];
  if (small === undefined || large === undefined) return undefined;
  if (small === large) return round(small.gapUs);
  const slope = Math.max(0, large.gapUs - small.gapUs) / (large.batchSize - small.batchSize);
  return round(Math.min(small.gapUs, large.gapUs) + slope * (USUAL_BATCH - small.batchSize));
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

function round(us: number): number {
  return Math.round(us * 10) / 10;
}
