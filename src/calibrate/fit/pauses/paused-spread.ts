import { mean } from 'simple-statistics';
import { cooledMs } from '../../../profile/pauses.js';
import type { ModelProfile, Pace, PausedSpread, Spread } from '../../../profile/profile.js';
import { fitSpread } from '../../../profile/spread-fit.js';
import { coldInferMs } from '../../../profile/warmth.js';
import { TIME_CONSTANTS_MS } from './coldness.js';
import type { IdleStart } from './idle-line.js';

/**
 * Shortest idle time that counts as a pause, milliseconds: a caller that comes back at once leaves its instance idle for less.
 */
const LEAST_IDLE_MS = 0.5;
/** A load with fewer requests does not count: how fast the machine was under it is not known. */
const LEAST_OF_A_LOAD = 20;
/** With fewer requests in all nothing is known of the tail, and no spread is fitted. */
const LEAST_REQUESTS = 100;
/**
 * Shorter executions count as this one, a fraction of the mean: taking off the way, which varies itself, may leave less than
 * nothing.
 */
const SHORTEST = 0.05;
/** Quantiles of the weighted sample from which a spread is fitted. */
const QUANTILES = 400;

/**
 * Spread of executions after a pause: latencies of requests that found their instance idle and were answered before another
 * one came, less their way, each over what its pause lets expect; of every load by itself, because the machine is faster at one
 * time than at another. Undefined where too few were alone.
 * @param samples of the model's sparse loads
 * @param pace of the machine, where it has one, which widens these latencies as well
 */
export function fitPausedSpread(
  samples: readonly (readonly IdleStart[])[],
  pauses: PauseCosts,
  singleMs: number,
  pace?: Pace,
): PausedSpread | undefined {
  if (pauses.cooling === undefined && pauses.warmth === undefined) return undefined;
  const ratios = samples.flatMap((starts) =>
    ratiosOf(starts, (start) => expectedMs(pauses, start, singleMs)),
  );
  const spread = spreadOf(pace === undefined ? ratios : withoutPace(ratios, pace));
  return spread && { leastIdleMs: LEAST_IDLE_MS, spread };
}

/**
 * The same of a model that only waits, which no pause makes slower: the spread of any of its executions. Those of a single caller
 * would not tell it: between them their times are read from the server, which wakes what else is asleep under loads.
 * @param executionUs the mean of a single execution: what else is in a latency hardly varies
 */
export function fitWaitingSpread(
  samples: readonly (readonly IdleStart[])[],
  executionUs: number,
): Spread | undefined {
  const ratios = samples.flatMap((starts) => ratiosOf(starts, () => 1, executionUs));
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

/** At least this part of the deviations is of single executions. */
const LEAST_OWN = 0.5;

/** The ratios as close to each other as they would be at one pace: as powers, because variances of logarithms add up. */
function withoutPace(ratios: readonly Weighted[], { cv }: Pace): readonly Weighted[] {
  const usual = weightedMean(ratios, ({ ratio }) => Math.log(ratio));
  const variance = weightedMean(ratios, ({ ratio }) => (Math.log(ratio) - usual) ** 2);
  const own = Math.sqrt(Math.max(LEAST_OWN ** 2, 1 - Math.log1p(cv * cv) / variance));
  return ratios.map(({ ratio, weight }) => ({ ratio: ratio ** own, weight }));
}

type PauseCosts = Pick<ModelProfile, 'cooling' | 'warmth'>;

interface Weighted {
  readonly ratio: number;
  readonly weight: number;
}

/** How long the execution of a request takes by its pause, without what any pause costs however short. */
function expectedMs(
  { cooling, warmth }: PauseCosts,
  { idleMs, coldness }: IdleStart,
  singleMs: number,
): number {
  if (warmth !== undefined) {
    const i = TIME_CONSTANTS_MS.indexOf(warmth.timeConstantMs);
    return coldInferMs(warmth, coldness[i]!, singleMs);
  }
  return singleMs + (cooling === undefined ? 0 : cooledMs(cooling, idleMs));
}

/**
 * Ratios of latencies to what is expected of each, of the requests after a pause during which no other one was sent. The longer a request takes,
 * the likelier another one is sent meanwhile, so that long ones are missing: each counts for those of its length, too, that are missing.
 * @param meanExecutionUs mean of the execution within these latencies, where it is known: the rest of each is taken off
 */
function ratiosOf(
  starts: readonly IdleStart[],
  expectedOf: (start: IdleStart) => number,
  meanExecutionUs?: number,
): Weighted[] {
  const paused = starts.filter(({ idleMs }) => idleMs > LEAST_IDLE_MS);
  const alone = paused.filter(({ stayedAlone }) => stayedAlone);
  if (alone.length < LEAST_OF_A_LOAD) return [];
  const meanUs = mean(alone.map(({ latencyUs }) => latencyUs));
  const perUs = -Math.log(alone.length / paused.length) / meanUs;
  const seen = alone.map((start) => ({
    serverUs: start.serverUs,
    expected: expectedOf(start),
    weight: Math.exp(perUs * (start.latencyUs - meanUs)),
  }));
  const meanServerUs = weightedMean(seen, ({ serverUs }) => serverUs);
  const executionUs = meanExecutionUs ?? meanServerUs;
  const usPerExpected = executionUs / weightedMean(seen, ({ expected }) => expected);
  if (!(usPerExpected > 0)) return [];
  return seen.map(({ serverUs, expected, weight }) => ({
    ratio: Math.max(SHORTEST, (serverUs - meanServerUs + executionUs) / (usPerExpected * expected)),
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
