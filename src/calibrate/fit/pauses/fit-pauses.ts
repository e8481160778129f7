import { median, sum } from 'simple-statistics';
import type { ModelProfile, ServicePoint } from '../../../profile/profile.js';
import type { Observation } from '../../observation.js';
import { bySparsity, denseLoads, requestsPerSOf, sparseLoads } from '../counted-loads.js';
import { meanSingleUs } from '../phases.js';
import { goldenSection } from '../replay/golden-section.js';
import { millionths, thousandths } from '../rounding.js';
import { meanColdMs, meanWarmMs, warmUpDeficitOfSize, warmUpDeficitUnder } from './warm-up-deficit.js';

/** What executions cost after a pause, and the service times that are left. */
export interface PauseFit extends Required<Pick<ModelProfile, 'warmUpState'>> {
  readonly service: readonly ServicePoint[];
}

/**
 * In which instances warm up and cool down. Fits chose 5 to 80 ms for the same networks from one calibration to the next, and
 * predict no better with that than with this one (`npm run reproduce:kept`).
 */
const TIME_CONSTANT_MS = 20;
const COLD_SPEEDS = { low: 0.1, high: 1, within: 0.002 } as const;
/** An instance that is hardly slower when cold shows nothing but the noise between loads. */
const MOST_COLD_SPEED = 0.9;
/** With fewer executions under sparse loads nothing is fitted. */
const LEAST_EXECUTIONS = 100;

/**
 * How much slower a model's instance computes that has executed little lately, from how much longer single executions took under
 * sparse loads than under dense ones: the median over loads of about one rate. Undefined where it is hardly slower, was seldom seen,
 * or no dense load tells service times.
 */
export function fitPauses(
  observations: readonly Observation[],
  model: string,
  service: readonly ServicePoint[],
): PauseFit | undefined {
  const dense = denseLoads(observations, model);
  const sparse = sparseLoads(observations, model).flatMap((load) => {
    const singleUs = meanSingleUs(load.counted);
    if (singleUs === undefined) return [];
    const warmUpDeficit = warmUpDeficitOfSize(warmUpDeficitUnder(load, TIME_CONSTANT_MS), 1);
    return [{ load, requestsPerS: requestsPerSOf(load), singleMs: singleUs / 1000, warmUpDeficit }];
  });
  const executions = sum(
    sparse.flatMap(({ load }) => load.counted.map(({ executionCount }) => executionCount)),
  );
  if (dense.length === 0 || executions < LEAST_EXECUTIONS) return undefined;
  const denseFound = dense.map((load) => warmUpDeficitUnder(load, TIME_CONSTANT_MS));
  const denseDeficit = (batchSize: number) =>
    denseFound.flatMap((found) => warmUpDeficitOfSize(found, batchSize));
  const denseSingles = denseDeficit(1);
  const misfit = (coldSpeed: number) => {
    const law = { timeConstantMs: TIME_CONSTANT_MS, coldSpeed };
    const warmMs = meanWarmMs(law, denseSingles, service[0]!.inferMs);
    const off = sparse.map(({ requestsPerS, singleMs, warmUpDeficit }) => ({
      requestsPerS,
      log: Math.log(singleMs / meanColdMs(law, warmUpDeficit, warmMs)),
    }));
    const { usual, sparser } = bySparsity(off);
    const groups = [usual, sparser].filter((group) => group.length > 0);
    return sum(groups.map((group) => median(group.map(({ log }) => log)) ** 2));
  };
  const coldSpeed = thousandths(goldenSection(misfit, COLD_SPEEDS));
  if (coldSpeed > MOST_COLD_SPEED) return undefined;
  const warmUpState = { timeConstantMs: TIME_CONSTANT_MS, coldSpeed };
  return {
    warmUpState,
    // Under dense loads, too, executions began somewhat cold.
    service: service.map((point) => ({
      ...point,
      inferMs: millionths(meanWarmMs(warmUpState, denseDeficit(point.batchSize), point.inferMs)),
    })),
  };
}
