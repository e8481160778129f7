import { mean } from 'simple-statistics';
import { quantileOfSorted } from '../../../metrics/quantiles.js';
import type { Warmth } from '../../../profile/profile.js';
import { coldInferMs, warmInferMs } from '../../../profile/warmth.js';
import type { Observation } from '../../observation.js';
import { denseLoads } from '../sparse-loads.js';
import { coldnessUnder, type SizeColdness, TIME_CONSTANTS_MS } from './coldness.js';
import { COUNTED_UP_TO, type IdleStart } from './idle-line.js';

/** How much slower a model's instance computes that has executed little lately. */
export interface WarmthFit {
  readonly warmth: Warmth;
  /** How cold the executions were from which service times come. */
  readonly denseColdness: readonly SizeColdness[];
  /** What the law leaves over of latencies, squared and added up. */
  readonly squares: number;
}

/** Speeds of a cold instance that are tried: 0.2 to 0.95. */
const COLD_SPEEDS = Array.from({ length: 16 }, (_, i) => (20 + 5 * i) / 100);
/** An instance that is hardly slower when cold shows nothing but the noise of the fit. */
const MOST_COLD_SPEED = 0.9;

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, less their way: in proportion to
 * what an inference takes that begins as cold as its instance was by then, each load by the speed that the machine had. The law
 * is the one that comes closest. Undefined where it says next to nothing, or no dense load tells service times.
 * @param samples of the model's sparse loads
 * @param singleMs a single inference under dense loads
 * @param wayUs what of a latency is not the execution
 */
export function fitWarmth(
  samples: readonly (readonly IdleStart[])[],
  observations: readonly Observation[],
  model: string,
  { singleMs, wayUs }: { readonly singleMs: number; readonly wayUs: number },
): WarmthFit | undefined {
  const dense = denseLoads(observations, model);
  if (dense.length === 0) return undefined;
  const laws = TIME_CONSTANTS_MS.flatMap((timeConstantMs, at) =>
    COLD_SPEEDS.map((coldSpeed) => {
      const warmth = { timeConstantMs, coldSpeed };
      const seen = ({ latencyUs, coldness }: IdleStart): Seen => ({
        expected: coldInferMs(warmth, coldness[at]!, singleMs),
        us: latencyUs - wayUs,
      });
      return { warmth, squares: samples.reduce((sum, sample) => sum + squaresLeft(sample.map(seen)), 0) };
    }),
  );
  const { warmth, squares } = laws.reduce((best, law) => (law.squares < best.squares ? law : best));
  if (warmth.coldSpeed > MOST_COLD_SPEED) return undefined;
  const denseColdness = together(dense.flatMap((load) => coldnessUnder(load, warmth.timeConstantMs)));
  return { warmth, denseColdness, squares };
}

/** An execution: by the law, in any unit, and as it was. */
interface Seen {
  readonly expected: number;
  readonly us: number;
}

/** Of the closest proportion, without those far above it. */
function squaresLeft(sample: readonly Seen[]): number {
  if (sample.length === 0) return 0;
  const ratioOf = ({ expected, us }: Seen) => us / expected;
  const mostRatio = quantileOfSorted(Float64Array.from(sample, ratioOf).sort(), COUNTED_UP_TO);
  const kept = sample.filter((each) => ratioOf(each) <= mostRatio);
  const both = kept.reduce((sum, { expected, us }) => sum + expected * us, 0);
  const proportion = both / kept.reduce((sum, { expected }) => sum + expected * expected, 0);
  return kept.reduce((sum, { expected, us }) => sum + (us - proportion * expected) ** 2, 0);
}

/** Executions of all loads, by batch size. */
function together(found: readonly SizeColdness[]): SizeColdness[] {
  const sizes = [...new Set(found.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  return sizes.map((batchSize) => ({
    batchSize,
    coldness: found.filter((each) => each.batchSize === batchSize).flatMap(({ coldness }) => coldness),
  }));
}

/** How long an inference takes, mean over executions that begin so cold, milliseconds. */
export function meanColdMs(warmth: Warmth, coldness: readonly number[], inferMs: number): number {
  if (coldness.length === 0) return inferMs;
  return mean(coldness.map((each) => coldInferMs(warmth, each, inferMs)));
}

/** An inference that took so long, mean over executions that began so cold, had they all been warm, milliseconds. */
export function meanWarmMs(warmth: Warmth, coldness: readonly number[], tookMs: number): number {
  if (coldness.length === 0) return tookMs;
  let inferMs = warmInferMs(warmth, mean([...coldness]), tookMs);
  for (let i = 0; i < ROUNDS; i++) inferMs *= tookMs / meanColdMs(warmth, coldness, inferMs);
  return inferMs;
}

/** What the mean coldness gives is close already. */
const ROUNDS = 4;
