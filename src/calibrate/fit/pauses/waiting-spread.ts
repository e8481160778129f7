import { mean } from 'simple-statistics';
import { fitSpread } from '../../../effects/service-time-variability/fit.js';
import type { Spread } from '../../../profile/profile.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { type ClientObservation, type Observation, observationsOf } from '../../observation.js';
import { turnAt } from '../../turns.js';

/**
 * Shortest idle time that counts as a pause, milliseconds: a client that comes back at once leaves its instance idle for less.
 */
const LEAST_IDLE_MS = 0.5;
/** A load with fewer requests does not count: how fast the machine was under it is not known. */
const LEAST_OF_A_LOAD = 20;
/** With fewer requests in all nothing is known of the tail, and no spread is fitted. */
const LEAST_REQUESTS = 100;
/** Shorter executions count as this one, a fraction of the mean: the network delay varies itself, and may leave less than nothing. */
const SHORTEST = 0.05;
/** Quantiles of the weighted sample from which a spread is fitted. */
const QUANTILES = 400;

/**
 * Spread of the executions of a model that only waits, which no pause makes slower: from latencies of requests that found their
 * instance idle and were answered before another one came, of every load by itself, because the machine is faster at one time than
 * at another. Executions of a single client would not tell it: between them their times are read from the server, which wakes
 * what else is asleep under loads. Undefined where too few requests were alone.
 * @param executionUs the mean of a single execution: what else is in a latency hardly varies
 */
export function fitWaitingSpread(
  observations: readonly Observation[],
  config: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  executionUs: number,
): Spread | undefined {
  const ratios = withoutTail(
    idleSamples(observations, config).flatMap((starts) => ratiosOf(starts, executionUs)),
  );
  return ratios.length < LEAST_REQUESTS ? undefined : fitSpread(quantilesOf(ratios));
}

/** Requests that found their instance idle under sparse loads while no other model got any: one sample for each load. */
function idleSamples(
  observations: readonly Observation[],
  { name: model, dynamicBatching }: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
): IdleStart[][] {
  // Just after an execution the batcher does not hold a request back.
  const leastIdleUs = 2 * (dynamicBatching?.maxQueueDelayUs ?? 0);
  return [
    ...observationsOf(observations, 'alone', model).map(({ clients: [client] }) =>
      idleStarts(client!, leastIdleUs, () => true),
    ),
    ...observationsOf(observations, 'together').flatMap(({ clients, experiment }) => {
      const client = clients.find((each) => each.model === model);
      if (client === undefined) return [];
      const own = experiment.model === model ? 'first' : 'second';
      return [idleStarts(client, leastIdleUs, (us) => turnAt(us) === own)];
    }),
  ];
}

/** A request that found its instance idle. */
interface IdleStart {
  readonly idleMs: number;
  readonly latencyUs: number;
  /** Whether it was answered before the next one was sent. */
  readonly stayedAlone: boolean;
}

/**
 * The requests of a client that were sent when all before had been answered. The first one of a turn does not count: nobody
 * knows for how long its instance had idled.
 */
function idleStarts(
  { sentUs = [], latenciesUs = [] }: ClientObservation,
  leastIdleUs: number,
  counts: (sentUs: number) => boolean,
): IdleStart[] {
  const found: IdleStart[] = [];
  let freeUs: number | undefined;
  for (const [i, us] of sentUs.entries()) {
    const latencyUs = latenciesUs[i] ?? -1;
    if (latencyUs < 0 || !counts(us)) {
      freeUs = undefined;
      continue;
    }
    if (freeUs !== undefined && us > freeUs + leastIdleUs)
      found.push({
        idleMs: (us - freeUs) / 1000,
        latencyUs,
        stayedAlone: !((sentUs[i + 1] ?? Number.POSITIVE_INFINITY) < us + latencyUs),
      });
    freeUs = Math.max(freeUs ?? 0, us + latencyUs);
  }
  return found;
}

/** Share of the longest latencies of sparse loads that is left out: something held these requests up on their way. */
export const HELD_UP = 0.005;

function withoutTail(ratios: readonly Weighted[]): Weighted[] {
  const sorted = [...ratios].sort((a, b) => a.ratio - b.ratio);
  return sorted.slice(0, Math.ceil((1 - HELD_UP) * sorted.length));
}

interface Weighted {
  readonly ratio: number;
  readonly weight: number;
}

/**
 * Ratios of executions to their mean, of the requests after a pause during which no other one was sent. The longer a request takes,
 * the likelier another one is sent meanwhile, so that long ones are missing: each counts for those of its length, too, that are missing.
 */
function ratiosOf(starts: readonly IdleStart[], executionUs: number): Weighted[] {
  const paused = starts.filter(({ idleMs }) => idleMs > LEAST_IDLE_MS);
  const alone = paused.filter(({ stayedAlone }) => stayedAlone);
  if (alone.length < LEAST_OF_A_LOAD) return [];
  const meanUs = mean(alone.map(({ latencyUs }) => latencyUs));
  const perUs = -Math.log(alone.length / paused.length) / meanUs;
  const seen = alone.map(({ latencyUs }) => ({
    latencyUs,
    weight: Math.exp(perUs * (latencyUs - meanUs)),
  }));
  const weightedMeanUs =
    seen.reduce((all, { latencyUs, weight }) => all + weight * latencyUs, 0) /
    seen.reduce((all, { weight }) => all + weight, 0);
  return seen.map(({ latencyUs, weight }) => ({
    ratio: Math.max(SHORTEST, 1 + (latencyUs - weightedMeanUs) / executionUs),
    weight,
  }));
}

function quantilesOf(sample: readonly Weighted[]): number[] {
  const sorted = [...sample].sort((a, b) => a.ratio - b.ratio);
  const whole = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const quantiles: number[] = [];
  let below = 0;
  for (const { ratio, weight } of sorted) {
    below += weight;
    while (quantiles.length < QUANTILES && (quantiles.length + 0.5) / QUANTILES <= below / whole)
      quantiles.push(ratio);
  }
  return quantiles;
}
