import { median } from 'simple-statistics';
import type { Serving, ThreadWaits } from '../../../profile/serving.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { batchingRules } from '../../../simulator/server/batching.js';
import { countedPoints, type Observation } from '../../observation.js';
import { requestMeans } from '../phases.js';
import { tenths } from '../rounding.js';
import { fitFixedUs, fitReleaseUs, PICK_UP_US } from './cycle-gaps.js';
import { fitNetworkDelay, type NetworkDelayFit } from './network-delay.js';

/** Delays of one server, all but the race of its threads, and what each model's requests and executions take besides. */
export interface DelayFit {
  readonly serving: Omit<Serving, 'batcherWinsShare' | 'cpuCores' | keyof NetworkDelayFit>;
  /** What requests take on their way, by model. */
  readonly networkDelays: ReadonlyMap<string, NetworkDelayFit>;
  /** From the last response of an execution until its instance asks for the next one, besides what each of its requests takes. */
  readonly afterExecutionUs: ReadonlyMap<string, number>;
  /** And for each of its requests, of models under dynamic batching. */
  readonly releaseUs: ReadonlyMap<string, number>;
  /** Models for which that was measured; the others have the median of these. */
  readonly measuredModels: readonly string[];
}

/**
 * Threads that a client wakes beyond those of perseus' own, which is one thread: perf_analyzer's requests took 40 to 100 us
 * longer on their way than perseus' own on the same two cores, where waking a thread took 35 to 47 us.
 */
const CLIENT_WAKE_UPS = 2;

/**
 * What waking the batcher takes of the instance thread that has executed, in parts of a wake-up: saturated with full batches,
 * instances of waiting models went on 26 us after an execution under the default scheduler and 50 to 150 under dynamic batching
 * where waking a batcher took 52 to 66 us; two models under both, by turns, 19 to 27 and 33 to 87 (the shortest two of eight).
 */
const BATCHER_WAKE_UPS = 1;

/** What is known before delays are fitted. */
export interface DelayFacts {
  /** Models whose executions compute. */
  readonly computing?: ReadonlySet<string>;
  readonly threadWaits?: ThreadWaits | undefined;
  /** What the server's front end takes of a request to a model. */
  readonly frontEndUs?: (model: string) => number;
}

/**
 * - Waiting in the queue with a single client is the waking of threads: of two, the batcher and an instance,
 *   under dynamic batching, of an instance alone under the default scheduler.
 * - A client's latency less the server's request time is transport and client ({@link fitNetworkDelay}).
 * - A saturated instance's cycle less the phases of its executions is what comes after an execution.
 */
export function fitDelays(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
  { computing = new Set(), threadWaits, frontEndUs = () => 0 }: DelayFacts = {},
): DelayFit {
  const { wakeUs, timerSlackUs } = fitWakes(observations, configs);
  const batcherSignalUs = tenths(BATCHER_WAKE_UPS * wakeUs);
  const releaseUs = fitReleases(observations, configs);
  const measured = new Map(
    configs.flatMap((config) => {
      const afterUs = fitFixedUs(observations, config, {
        turnUs: 2 * wakeUs,
        releaseUs: releaseUs.get(config.name) ?? 0,
      });
      // A profile holds what it would be with a batcher to wake.
      const signalUs = config.dynamicBatching === undefined ? batcherSignalUs : 0;
      return afterUs === undefined ? [] : [[config.name, tenths(afterUs + signalUs)] as const];
    }),
  );
  const typicalUs = medianOr([...measured.values()], 0);
  return {
    serving: {
      batcherWakeUs: wakeUs,
      batcherSignalUs,
      instanceWakeUs: wakeUs,
      timerSlackUs,
      instancePickUpUs: PICK_UP_US,
      clientUs: tenths(CLIENT_WAKE_UPS * wakeUs),
    },
    networkDelays: new Map(
      configs.map(({ name }) => [
        name,
        fitNetworkDelay(observations, name, { computing, threadWaits, frontEndUs: frontEndUs(name) }),
      ]),
    ),
    afterExecutionUs: new Map(configs.map(({ name }) => [name, measured.get(name) ?? typicalUs])),
    releaseUs,
    measuredModels: [...measured.keys()],
  };
}

/** Of models that were not measured, as of the others: it is the server's work. The default scheduler knows one request an execution. */
function fitReleases(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
): ReadonlyMap<string, number> {
  const batched = configs.filter(({ dynamicBatching }) => dynamicBatching !== undefined);
  const measured = new Map(
    batched.map((config) => [config.name, fitReleaseUs(observations, config)] as const),
  );
  const typicalUs = medianOr(
    [...measured.values()].filter((us) => us !== undefined),
    0,
  );
  return new Map([...measured].map(([name, us]) => [name, us ?? typicalUs]));
}

/** One number for the batcher and for instances: they are threads of one scheduler, and points with both tell their sum. */
function fitWakes(observations: readonly Observation[], configs: readonly ModelConfig[]) {
  const wakes: number[] = [];
  const held: number[] = [];
  for (const config of configs) {
    const { dynamicBatching } = config;
    for (const { experiment, counted } of countedPoints(observations, 'sequential', config.name)) {
      const { queueUs } = requestMeans(counted);
      if (dynamicBatching === undefined) wakes.push(queueUs);
      else if (leavesAtOnce(config, experiment.batchSize)) wakes.push(queueUs / 2);
      else held.push(queueUs - dynamicBatching.maxQueueDelayUs);
    }
  }
  const wakeUs = Math.max(medianOr(wakes, 0), PICK_UP_US + 1);
  return {
    wakeUs: tenths(wakeUs),
    timerSlackUs: tenths(Math.max(0, medianOr(held, wakeUs) - wakeUs)),
  };
}

/** Whether the batcher holds a lone request of that size back for no others. */
function leavesAtOnce(config: ModelConfig, batchSize: number): boolean {
  const { delayNs, preferred, maxPreferred } = batchingRules(config);
  return delayNs === 0 || preferred.includes(batchSize) || batchSize >= maxPreferred;
}

function medianOr(values: number[], fallback: number): number {
  return values.length === 0 ? fallback : median(values);
}
