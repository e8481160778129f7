import { exponential } from '../../../base/distributions.js';
import { Random } from '../../../base/random.js';
import { warmUpDeficitAfter } from '../../../effects/idle/warm-up-state.js';
import { type CountedLoad, requestsOf } from '../counted-loads.js';
import { meanTimeUs, PHASES, phasesByBatch } from '../phases.js';

/** Time constants that are tried: from those of caches to those of a governor that looks at the last tenth of a second. */
export const TIME_CONSTANTS_MS: readonly number[] = [5, 10, 20, 40, 80];

/** Follows how cold an instance is while its executions come and go, by each of {@link TIME_CONSTANTS_MS}. */
export class BusyHistory {
  readonly #warmUpDeficit = TIME_CONSTANTS_MS.map(() => 1);
  #freeUs: number | undefined;

  /**
   * Adds an execution, which begins when the one before has ended at the earliest; gives how cold the instance was at its
   * beginning.
   */
  executes(fromUs: number, toUs: number): readonly number[] {
    const startUs = Math.max(fromUs, this.#freeUs ?? fromUs);
    this.#pass((startUs - (this.#freeUs ?? startUs)) / 1000, false);
    const found = [...this.#warmUpDeficit];
    this.#pass(Math.max(0, toUs - startUs) / 1000, true);
    this.#freeUs = Math.max(startUs, toUs);
    return found;
  }

  #pass(ms: number, busy: boolean): void {
    for (const [i, timeConstantMs] of TIME_CONSTANTS_MS.entries())
      this.#warmUpDeficit[i] = warmUpDeficitAfter({ timeConstantMs }, this.#warmUpDeficit[i]!, ms, busy);
  }
}

/** How cold executions of one batch size began, one by one. */
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
    found[i]!.length === 0 ? [] : [{ batchSize, warmUpDeficit: found[i]! }],
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

/** Values that {@link thinned} keeps: enough for a mean over them. */
const STANDING_FOR_ALL = 200;

/** A smaller sample with the same distribution: evenly spaced quantiles, from the warmest to the coldest. */
export function thinned(warmUpDeficit: readonly number[], count = STANDING_FOR_ALL): readonly number[] {
  if (warmUpDeficit.length <= count) return warmUpDeficit;
  const sorted = [...warmUpDeficit].sort((a, b) => a - b);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!);
}
