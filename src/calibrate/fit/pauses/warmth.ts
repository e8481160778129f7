import { mean } from 'simple-statistics';
import type { Warmth } from '../../../profile/profile.js';
import { coldInferMs, warmInferMs } from '../../../profile/warmth.js';
import type { Observation } from '../../observation.js';
import { denseLoads } from '../counted-loads.js';
import { coldnessOfSize, coldnessUnder, type SizeColdness, TIME_CONSTANTS_MS, thinned } from './coldness.js';
import type { IdleStart } from './idle-line.js';
import { type Level, misfitOfLaw, type SparseEvidence } from './levels.js';
import { squaresOfProportion, squaresWithoutLaw } from './proportion.js';

/** How much slower a model's instance computes that has executed little lately. */
export interface WarmthFit {
  readonly warmth: Warmth;
  /** How cold the executions were from which service times come. */
  readonly denseColdness: readonly SizeColdness[];
  /** How far it is from what was measured ({@link misfitOfLaw}). */
  readonly misfit: number;
}

/** Speeds of a cold instance that are tried: 0.1 to 0.95. */
const COLD_SPEEDS = Array.from({ length: 18 }, (_, i) => (10 + 5 * i) / 100);
/**
 * Powers of the coldness that are tried: 1 slows in proportion to it, higher ones slow only an instance that hardly executes.
 */
const POWERS = [1, 2, 4] as const;
/** An instance that is hardly slower when cold shows nothing but the noise of the fit. */
const MOST_COLD_SPEED = 0.9;

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, less their way: in proportion to
 * what an inference takes that begins as cold as its instance was by then, each load by the speed that the machine had; how
 * much longer single executions took under each of these loads than under dense ones; and whether larger ones, before which there
 * was no pause, took as many times as long: then it takes more than an execution to warm up. The law is the one that comes
 * closest to all of it. Undefined where it says next to nothing, or no dense load tells service times.
 * @param singleMs a single inference under dense loads
 */
export function fitWarmth(
  { samples, levels }: SparseEvidence,
  observations: readonly Observation[],
  model: string,
  singleMs: number,
): WarmthFit | undefined {
  const dense = denseLoads(observations, model);
  if (dense.length === 0) return undefined;
  const all = squaresWithoutLaw(samples);
  const laws = TIME_CONSTANTS_MS.flatMap((timeConstantMs, at) => {
    const underDense = dense.map((load) => coldnessUnder(load, timeConstantMs));
    const sparse = levels.map((level) => coldnessOfLevel(level, timeConstantMs, underDense));
    const denseSingles = thinned(underDense.flatMap((found) => coldnessOfSize(found, 1)));
    return POWERS.flatMap((power) =>
      COLD_SPEEDS.map((coldSpeed) => {
        const warmth = { timeConstantMs, coldSpeed, ...(power > 1 && { power }) };
        const expectedMs = ({ coldness }: IdleStart) => coldInferMs(warmth, coldness[at]!, singleMs);
        const squares = squaresOfProportion(samples, expectedMs);
        const warmMs = meanWarmMs(warmth, denseSingles, singleMs);
        const expected = sparse.map(({ singles, larger }) => ({
          singleMs: meanColdMs(warmth, singles, warmMs),
          larger: largerByLaw(warmth, larger),
        }));
        return { warmth, misfit: misfitOfLaw(squares / all, levels, expected) };
      }),
    );
  });
  const { warmth, misfit } = laws.reduce((best, law) => (law.misfit < best.misfit ? law : best));
  if (warmth.coldSpeed > MOST_COLD_SPEED) return undefined;
  const denseColdness = together(dense.flatMap((load) => coldnessUnder(load, warmth.timeConstantMs)));
  return { warmth, denseColdness, misfit };
}

/** Of sparse loads most larger executions are of the first two sizes. */
const SIZES = 2;
/** They begin after another one, and so about as cold. */
const FEW = 40;

/** Larger executions of one size under a sparse load: how many, how cold they and such of the dense loads began, and what these took. */
interface LargerColdness {
  readonly executions: number;
  readonly coldness: readonly number[];
  readonly denseColdness: readonly number[];
  readonly denseMs: number;
}

/** How cold the executions of a sparse load began. */
function coldnessOfLevel(
  { load, largerExecutions }: Level,
  timeConstantMs: number,
  underDense: readonly (readonly SizeColdness[])[],
): { readonly singles: readonly number[]; readonly larger: readonly LargerColdness[] } {
  const found = coldnessUnder(load, timeConstantMs);
  const larger = largerExecutions.slice(0, SIZES).map(({ batchSize, executions, denseUs }) => ({
    executions,
    coldness: thinned(coldnessOfSize(found, batchSize), FEW),
    denseColdness: thinned(
      underDense.flatMap((each) => coldnessOfSize(each, batchSize)),
      FEW,
    ),
    denseMs: denseUs / 1000,
  }));
  return { singles: thinned(coldnessOfSize(found, 1)), larger };
}

/** How many times as long larger executions take under a sparse load as under dense ones; 1 where there are none. */
function largerByLaw(warmth: Warmth, larger: readonly LargerColdness[]): number {
  let [tookMs, denseTookMs] = [0, 0];
  for (const { executions, coldness, denseColdness, denseMs } of larger) {
    tookMs += executions * meanColdMs(warmth, coldness, meanWarmMs(warmth, denseColdness, denseMs));
    denseTookMs += executions * denseMs;
  }
  return denseTookMs === 0 ? 1 : tookMs / denseTookMs;
}

/** How cold executions began, all loads together, by batch size. */
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

/** Corrections of a first guess from the mean coldness, which is close already. */
const ROUNDS = 4;
