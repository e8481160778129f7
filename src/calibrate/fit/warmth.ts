import { mean } from 'simple-statistics';
import type { RatedDelays, Warmth } from '../../profile/profile.js';
import { coldExtraMs } from '../../profile/warmth.js';
import type { Observation } from '../observation.js';
import { coldnessOfSize, coldnessUnder, type SizeColdness, TIME_CONSTANTS_MS } from './coldness.js';
import { type IdleStart, lineThrough } from './idle-line.js';
import { thousandths } from './rounding.js';
import { type CountedLoad, denseLoads, sparseLoads } from './sparse-loads.js';

/** What a model's executions take longer the less its instance executed lately. */
export interface WarmthFit {
  readonly warmth: Warmth;
  /** How cold the executions were from which service times come. */
  readonly denseColdness: readonly SizeColdness[];
  /** What the lines leave over, squared and added up. */
  readonly squares: number;
}

/** A smaller part of an execution is the noise of the regression. */
const LEAST_SHARE = 0.01;

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, over what the cold added by
 * then: a line through each point, one slope for all, by the time constant with which these lines come closest. What of it is the way's, which takes longer where requests are sparse, is told apart. Undefined where nothing shows, or
 * no dense load tells service times.
 * @param samples of the model's sparse loads
 * @param singleMs a single inference under dense loads
 */
export function fitWarmth(
  samples: readonly (readonly IdleStart[])[],
  observations: readonly Observation[],
  model: string,
  singleMs: number,
  wayByRate: readonly RatedDelays[] | undefined,
): WarmthFit | undefined {
  const dense = denseLoads(observations, model);
  if (dense.length === 0) return undefined;
  const lines = TIME_CONSTANTS_MS.map((timeConstantMs, i) => ({
    timeConstantMs,
    ...lineThrough(samples, ({ coldness }) => coldness[i]!),
  }));
  const { timeConstantMs, slopeUs, squares } = lines.reduce((best, line) =>
    line.squares < best.squares ? line : best,
  );
  const denseColdness = meanColdness(dense, timeConstantMs);
  const [denseSingle, sparseSingle] = [
    denseColdness,
    meanColdness(sparseLoads(observations, model), timeConstantMs),
  ].map((found) => coldnessOfSize(found, 1)) as [number, number];
  const coldMs = (slopeUs - wayPerColdUs(wayByRate, sparseSingle - denseSingle)) / 1000;
  if (!(coldMs > LEAST_SHARE * singleMs)) return undefined;
  const warmMs = Math.max(singleMs / 2, singleMs - coldMs * denseSingle);
  const coldExtra = coldMs / coldExtraMs({ timeConstantMs, coldExtra: 1 }, 1, warmMs);
  return { warmth: { timeConstantMs, coldExtra: thousandths(coldExtra) }, denseColdness, squares };
}

/** Mean over loads, by batch size. */
function meanColdness(loads: readonly CountedLoad[], timeConstantMs: number): SizeColdness[] {
  const found = loads.map((load) => coldnessUnder(load, timeConstantMs)).filter(({ length }) => length > 0);
  const sizes = [...new Set(found.flatMap((each) => each.map(({ batchSize }) => batchSize)))];
  return sizes
    .sort((a, b) => a - b)
    .map((batchSize) => ({
      batchSize,
      coldness: mean(found.map((each) => coldnessOfSize(each, batchSize))),
    }));
}

/** What the way takes longer where instances are colder by 1, from two rates at which they are so far `apart`. */
function wayPerColdUs(wayByRate: readonly RatedDelays[] | undefined, apart: number): number {
  if (wayByRate === undefined || apart < LEAST_APART) return 0;
  const wayUs = ({ requestDelayUs, responseDelayUs }: RatedDelays) => requestDelayUs + responseDelayUs;
  return Math.max(0, wayUs(wayByRate[0]!) - wayUs(wayByRate.at(-1)!)) / apart;
}

/** Loads that leave instances as cold say nothing about it. */
const LEAST_APART = 0.05;
