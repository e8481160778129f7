import { mean } from 'simple-statistics';
import { exponential } from '../../../base/distributions.js';
import { Random } from '../../../base/random.js';
import { coldInferMs, warmInferMs, warmUpDeficitAfter } from '../../../effects/idle/warm-up-state.js';
import type { WarmUpState } from '../../../profile/profile.js';
import { type CountedLoad, requestsOf } from '../counted-loads.js';
import { meanTimeUs, PHASES, phasesByBatch } from '../phases.js';

/** How cold executions of one batch size began: evenly spaced quantiles, ascending. */
export interface SizeWarmUpDeficit {
  readonly batchSize: number;
  readonly warmUpDeficit: readonly number[];
}

/** Arrivals of a load that are played. */
const ARRIVALS = 4000;

/**
 * How cold executions began under Poisson arrivals, by batch size, ascending: the load is played once more with an instance that
 * takes what waits and needs as long as the server counted.
 */
export function warmUpDeficitUnder(load: CountedLoad, timeConstantMs: number): SizeWarmUpDeficit[] {
  const rows = load.counted.flatMap(phasesByBatch);
  const requests = requestsOf(load);
  if (requests === 0 || rows.length === 0) return [];
  const sizes = [...new Set(rows.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  const executionMs = sizes.map(
    (batchSize) =>
      meanTimeUs(
        rows.filter((row) => row.batchSize === batchSize),
        PHASES,
      ) / 1000,
  );
  const found = sizes.map(() => [] as number[]);
  const arrivalMs = poissonArrivals((1000 * load.durationS) / requests);
  let [freeMs, warmUpDeficit, next] = [0, 1, 0];
  while (next < ARRIVALS) {
    const startMs = Math.max(freeMs, arrivalMs[next]!);
    let waiting = 1;
    while (waiting < sizes.at(-1)! && arrivalMs[next + waiting]! <= startMs) waiting++;
    const size = Math.max(
      0,
      sizes.findLastIndex((each) => each <= waiting),
    );
    warmUpDeficit = warmUpDeficitAfter({ timeConstantMs }, warmUpDeficit, startMs - freeMs, false);
    found[size]!.push(warmUpDeficit);
    warmUpDeficit = warmUpDeficitAfter({ timeConstantMs }, warmUpDeficit, executionMs[size]!, true);
    freeMs = startMs + executionMs[size]!;
    next += Math.min(waiting, sizes[size]!);
  }
  return sizes.flatMap((batchSize, i) =>
    found[i]!.length === 0 ? [] : [{ batchSize, warmUpDeficit: thinned(found[i]!) }],
  );
}

function poissonArrivals(meanGapMs: number): number[] {
  const random = new Random(1, 2, 3);
  let atMs = 0;
  return Array.from({ length: ARRIVALS }, () => {
    atMs += exponential(random, meanGapMs);
    return atMs;
  });
}

/** Values that are enough for a mean over them. */
const STANDING_FOR_ALL = 200;

function thinned(warmUpDeficit: readonly number[]): readonly number[] {
  const sorted = [...warmUpDeficit].sort((a, b) => a - b);
  const count = Math.min(sorted.length, STANDING_FOR_ALL);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!);
}

/**
 * How cold executions of the nearest measured size up to this one began; of the smallest size where all measured ones are
 * larger.
 */
export function warmUpDeficitOfSize(
  found: readonly SizeWarmUpDeficit[],
  batchSize: number,
): readonly number[] {
  return (found.findLast((each) => each.batchSize <= batchSize) ?? found[0])?.warmUpDeficit ?? [];
}

/** How long an inference takes, mean over executions that begin so cold, milliseconds. */
export function meanColdMs(
  warmUpState: WarmUpState,
  warmUpDeficit: readonly number[],
  inferMs: number,
): number {
  if (warmUpDeficit.length === 0) return inferMs;
  return mean(warmUpDeficit.map((each) => coldInferMs(warmUpState, each, inferMs)));
}

/** How long a single inference takes, mean over all of a load with Poisson arrivals, milliseconds. */
export function coldUnder(warmUpState: WarmUpState | undefined, inferMs: number, load: CountedLoad): number {
  if (warmUpState === undefined) return inferMs;
  const warmUpDeficit = warmUpDeficitOfSize(warmUpDeficitUnder(load, warmUpState.timeConstantMs), 1);
  return meanColdMs(warmUpState, warmUpDeficit, inferMs);
}

/** Corrections of a first guess from the mean warm-up deficit, which is close already. */
const ROUNDS = 4;

/** An inference that took so long, mean over executions that began so cold, had they all been warm, milliseconds. */
export function meanWarmMs(
  warmUpState: WarmUpState,
  warmUpDeficit: readonly number[],
  tookMs: number,
): number {
  if (warmUpDeficit.length === 0) return tookMs;
  let inferMs = warmInferMs(warmUpState, mean([...warmUpDeficit]), tookMs);
  for (let i = 0; i < ROUNDS; i++) inferMs *= tookMs / meanColdMs(warmUpState, warmUpDeficit, inferMs);
  return inferMs;
}
