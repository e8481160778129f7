import { mean } from 'simple-statistics';
import { coldInferMs, warmInferMs } from '../../../effects/idle/warm-up-state.js';
import type { WarmUpState } from '../../../profile/profile.js';
import type { Observation } from '../../observation.js';
import { type CountedLoad, denseLoads } from '../counted-loads.js';
import type { IdleStart } from './idle-starts.js';
import { type Level, misfitOfLaw, type SparseEvidence } from './levels.js';
import { squaresOfProportion, squaresWithoutLaw } from './proportion.js';
import {
  type SizeWarmUpDeficit,
  TIME_CONSTANTS_MS,
  thinned,
  warmUpDeficitOfSize,
  warmUpDeficitUnder,
} from './warm-up-deficit.js';

/** How much slower a model's instance computes that has executed little lately. */
export interface WarmUpStateFit {
  readonly warmUpState: WarmUpState;
  /** How cold the executions were from which service times come. */
  readonly denseWarmUpDeficit: readonly SizeWarmUpDeficit[];
}

/** Speeds of a cold instance that are tried: 0.1 to 0.95. */
const COLD_SPEEDS = Array.from({ length: 18 }, (_, i) => (10 + 5 * i) / 100);
/**
 * Powers of the warm-up deficit that are tried: 1 slows in proportion to it, higher ones slow only an instance that hardly executes.
 */
const POWERS = [1, 2, 4] as const;
/** An instance that is hardly slower when cold shows nothing but the noise of the fit. */
const MOST_COLD_SPEED = 0.9;

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, less their network delay: in proportion to
 * what an inference takes that begins as cold as its instance was by then, each load by the speed that the machine had; how
 * much longer single executions took under each of these loads than under dense ones; and whether larger ones, before which there
 * was no pause, took as many times as long: then it takes more than an execution to warm up. The law is the one that comes
 * closest to all of it ({@link misfitOfLaw}). Undefined where it says next to nothing, or no dense load tells service times.
 * @param singleMs a single inference under dense loads
 */
export function fitWarmUpState(
  { samples, levels }: SparseEvidence,
  observations: readonly Observation[],
  model: string,
  singleMs: number,
): WarmUpStateFit | undefined {
  const dense = denseLoads(observations, model);
  if (dense.length === 0) return undefined;
  const all = squaresWithoutLaw(samples);
  const laws = TIME_CONSTANTS_MS.flatMap((timeConstantMs, at) => {
    const underDense = dense.map((load) => warmUpDeficitUnder(load, timeConstantMs));
    const sparse = levels.map((level) => warmUpDeficitOfLevel(level, timeConstantMs, underDense));
    const denseSingles = thinned(underDense.flatMap((found) => warmUpDeficitOfSize(found, 1)));
    return POWERS.flatMap((power) =>
      COLD_SPEEDS.map((coldSpeed) => {
        const warmUpState = { timeConstantMs, coldSpeed, ...(power > 1 && { power }) };
        const expectedMs = ({ warmUpDeficit }: IdleStart) =>
          coldInferMs(warmUpState, warmUpDeficit[at]!, singleMs);
        const squares = squaresOfProportion(samples, expectedMs);
        const warmMs = meanWarmMs(warmUpState, denseSingles, singleMs);
        const expected = sparse.map(({ singles, larger }) => ({
          singleMs: meanColdMs(warmUpState, singles, warmMs),
          larger: largerByLaw(warmUpState, larger),
        }));
        return { warmUpState, misfit: misfitOfLaw(squares / all, levels, expected) };
      }),
    );
  });
  const { warmUpState } = laws.reduce((best, law) => (law.misfit < best.misfit ? law : best));
  if (warmUpState.coldSpeed > MOST_COLD_SPEED) return undefined;
  const denseWarmUpDeficit = together(
    dense.flatMap((load) => warmUpDeficitUnder(load, warmUpState.timeConstantMs)),
  );
  return { warmUpState, denseWarmUpDeficit };
}

/** Of sparse loads most larger executions are of the first two sizes. */
const SIZES = 2;
/** They begin after another one, and so about as cold. */
const FEW = 40;

/** Larger executions of one size under a sparse load: how many, how cold they and such of the dense loads began, and what these took. */
interface LargerWarmUpDeficit {
  readonly executions: number;
  readonly warmUpDeficit: readonly number[];
  readonly denseWarmUpDeficit: readonly number[];
  readonly denseMs: number;
}

/** How cold the executions of a sparse load began. */
function warmUpDeficitOfLevel(
  { load, largerExecutions }: Level,
  timeConstantMs: number,
  underDense: readonly (readonly SizeWarmUpDeficit[])[],
): { readonly singles: readonly number[]; readonly larger: readonly LargerWarmUpDeficit[] } {
  const found = warmUpDeficitUnder(load, timeConstantMs);
  const larger = largerExecutions.slice(0, SIZES).map(({ batchSize, executions, denseUs }) => ({
    executions,
    warmUpDeficit: thinned(warmUpDeficitOfSize(found, batchSize), FEW),
    denseWarmUpDeficit: thinned(
      underDense.flatMap((each) => warmUpDeficitOfSize(each, batchSize)),
      FEW,
    ),
    denseMs: denseUs / 1000,
  }));
  return { singles: thinned(warmUpDeficitOfSize(found, 1)), larger };
}

/** How many times as long larger executions take under a sparse load as under dense ones; 1 where there are none. */
function largerByLaw(warmUpState: WarmUpState, larger: readonly LargerWarmUpDeficit[]): number {
  let [tookMs, denseTookMs] = [0, 0];
  for (const { executions, warmUpDeficit, denseWarmUpDeficit, denseMs } of larger) {
    tookMs +=
      executions *
      meanColdMs(warmUpState, warmUpDeficit, meanWarmMs(warmUpState, denseWarmUpDeficit, denseMs));
    denseTookMs += executions * denseMs;
  }
  return denseTookMs === 0 ? 1 : tookMs / denseTookMs;
}

/** How cold executions began, all loads together, by batch size. */
function together(found: readonly SizeWarmUpDeficit[]): SizeWarmUpDeficit[] {
  const sizes = [...new Set(found.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  return sizes.map((batchSize) => ({
    batchSize,
    warmUpDeficit: found
      .filter((each) => each.batchSize === batchSize)
      .flatMap(({ warmUpDeficit }) => warmUpDeficit),
  }));
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

/** Corrections of a first guess from the mean warm-up deficit, which is close already. */
const ROUNDS = 4;
