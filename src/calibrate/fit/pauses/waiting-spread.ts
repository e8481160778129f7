import { mean } from 'simple-statistics';
import { fitSpread } from '../../../effects/service-time-variability/fit.js';
import type { Spread } from '../../../profile/profile.js';
import type { IdleStart } from './idle-starts.js';

/**
 * Shortest idle time that counts as a pause, milliseconds: a client that comes back at once leaves its instance idle for less.
 */
const LEAST_IDLE_MS = 0.5;
/** A load with fewer requests does not count: how fast the machine was under it is not known. */
const LEAST_OF_A_LOAD = 20;
/** With fewer requests in all nothing is known of the tail, and no spread is fitted. */
const LEAST_REQUESTS = 100;
/**
 * Shorter executions count as this one, a fraction of the mean: taking off the network delay, which varies itself, may leave less than
 * nothing.
 */
const SHORTEST = 0.05;
/** Quantiles of the weighted sample from which a spread is fitted. */
const QUANTILES = 400;

/**
 * Spread of the executions of a model that only waits, which no pause makes slower: from latencies of requests that found their
 * instance idle and were answered before another one came, of every load by itself, because the machine is faster at one time than
 * at another. Executions of a single client would not tell it: between them their times are read from the server, which wakes
 * what else is asleep under loads. Undefined where too few requests were alone.
 * @param samples of the model's sparse loads
 * @param executionUs the mean of a single execution: what else is in a latency hardly varies
 */
export function fitWaitingSpread(
  samples: readonly (readonly IdleStart[])[],
  executionUs: number,
): Spread | undefined {
  const ratios = samples.flatMap((starts) => ratiosOf(starts, executionUs));
  return spreadOf(withoutTail(ratios));
}

/** Share of the longest latencies of sparse loads that is left out: something held these requests up on their way. */
const HELD_UP = 0.005;

function withoutTail(ratios: readonly Weighted[]): Weighted[] {
  const sorted = [...ratios].sort((a, b) => a.ratio - b.ratio);
  return sorted.slice(0, Math.ceil((1 - HELD_UP) * sorted.length));
}

function spreadOf(ratios: readonly Weighted[]): Spread | undefined {
  return ratios.length < LEAST_REQUESTS ? undefined : fitSpread(quantilesOf(ratios));
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
  const seen = alone.map(({ serverUs, latencyUs }) => ({
    serverUs,
    weight: Math.exp(perUs * (latencyUs - meanUs)),
  }));
  const meanServerUs = weightedMean(seen, ({ serverUs }) => serverUs);
  return seen.map(({ serverUs, weight }) => ({
    ratio: Math.max(SHORTEST, 1 + (serverUs - meanServerUs) / executionUs),
    weight,
  }));
}

function weightedMean<Each extends { readonly weight: number }>(
  sample: readonly Each[],
  of: (each: Each) => number,
): number {
  return (
    sample.reduce((sum, each) => sum + each.weight * of(each), 0) /
    sample.reduce((sum, { weight }) => sum + weight, 0)
  );
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
