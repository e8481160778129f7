import { mean, median } from 'simple-statistics';
import type { Observation } from '../../observation.js';
import { bySparsity, type CountedLoad, requestsPerSOf, sparseLoads } from '../counted-loads.js';
import { meanSingleUs } from '../phases.js';
import type { IdleStart } from './idle-starts.js';
import { type LargerExecutions, largerExecutions, timesDense } from './larger-executions.js';

/** Single executions of one sparse load, as the server counted them. */
export interface Level {
  readonly load: CountedLoad;
  readonly requestsPerS: number;
  readonly singleUs: number;
  readonly largerExecutions: readonly LargerExecutions[];
  /** How many times as long these took as such of the dense loads; undefined where there were too few. */
  readonly larger?: number | undefined;
}

/** What a model's sparse loads show: requests that found their instance idle, one sample for each load, and whole loads. */
export interface SparseEvidence {
  readonly samples: readonly (readonly IdleStart[])[];
  readonly levels: readonly Level[];
}

/** Standard deviation of the speed of a shared machine between two loads, as a logarithm. */
const LEVEL_WITHIN = 0.05;
/**
 * All latencies together weigh as much as this many independent ones: a slow second of the machine makes many of them alike, and
 * what a law says of whole loads is what a prediction needs most.
 */
const LATENCIES_COUNT = 40;

/**
 * Standard deviation of how many times as long larger executions of a load took than single ones, both beside those of dense loads
 * and as a logarithm: the speed that the machine had is in both.
 */
const LARGER_WITHIN = 0.03;

/** What a law says of a sparse load. */
export interface ExpectedLevel {
  readonly singleMs: number;
  /** How many times as long larger executions take as such of the dense loads. */
  readonly larger: number;
}

/**
 * What the server counted of each sparse load of a model.
 * @param holds its batcher holds requests back, so that larger executions, too, may have found their instance idle
 */
export function levelsOf(observations: readonly Observation[], model: string, holds = false): Level[] {
  return sparseLoads(observations, model).flatMap((load) => {
    const singleUs = meanSingleUs(load.counted);
    if (singleUs === undefined) return [];
    const larger = holds ? [] : largerExecutions(load, observations, model);
    return [
      {
        load,
        requestsPerS: requestsPerSOf(load),
        singleUs,
        largerExecutions: larger,
        larger: timesDense(larger),
      },
    ];
  });
}

/**
 * How far a law is from what was measured, in squared standard deviations: by the latencies of each sparse load by itself,
 * by how much longer single executions took under each than under dense ones (the median over loads of about one rate), and by
 * whether larger ones, which follow another execution, took as many times as long.
 * @param unexplained what the law leaves over of the squares of latencies, 0..1
 * @param expected of each level, by the law
 */
export function misfitOfLaw(
  unexplained: number,
  levels: readonly Level[],
  expected: readonly ExpectedLevel[],
): number {
  const off = levels.map(({ requestsPerS, singleUs }, i) => ({
    requestsPerS,
    log: Math.log(singleUs / 1000 / expected[i]!.singleMs),
  }));
  const { usual, sparser } = bySparsity(off);
  return [usual, sparser]
    .filter((group) => group.length > 0)
    .reduce(
      (sum, group) => sum + (median(group.map(({ log }) => log)) / LEVEL_WITHIN) ** 2,
      LATENCIES_COUNT * Math.log(unexplained) + misfitOfLarger(levels, expected),
    );
}

/** Mean over the loads of which it is known. */
function misfitOfLarger(levels: readonly Level[], expected: readonly ExpectedLevel[]): number {
  const off = levels.flatMap(({ larger, singleUs }, i) => {
    if (larger === undefined) return [];
    const law = expected[i]!;
    return [Math.log((larger * law.singleMs * 1000) / (law.larger * singleUs)) / LARGER_WITHIN];
  });
  return off.length === 0 ? 0 : mean(off.map((each) => each ** 2));
}
