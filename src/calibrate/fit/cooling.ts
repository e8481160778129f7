import { mean, median } from 'simple-statistics';
import type { ModelStatistics } from '../../live/inference-client.js';
import { quantileOfSorted } from '../../metrics/quantiles.js';
import { idleDoublings } from '../../profile/cooling.js';
import type { AfterIdle, Cooling, ModelProfile, RatedDelays } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { type ClientObservation, type Observation, observationsOf } from '../observation.js';
import { TURN_S, turnIndex, turnOf } from '../turns.js';
import { meanSingleUs, timeUs } from './phases.js';

/** More finds nothing left of what was in caches. */
const MAX_IDLE_MS = 100;
/**
 * Idle times from which on doublings count, milliseconds: those that are tried. With the longest, executions take longer
 * in proportion to the idle time: so it was on an Intel host, up to 60 ms; from 1 ms on with each doubling on an AMD one.
 */
const FROM_MS = [1, 2, 4, 8, 16, 32, 64] as const;
/** A tail of latencies has other causes. */
const COUNTED_UP_TO = 0.95;
/** Fewer requests that found their instance idle say nothing. */
const LEAST_REQUESTS = 100;
/** One time in which the model was alone is no usual level. */
const LEAST_LEVELS = 2;
/** A load of which fewer found their instance idle does not show what that costs. */
const LEAST_FOUND_IDLE = 0.3;
/** More, as a part of an execution, is no restart. */
const MOST_RESTART = 0.5;
/** A smaller part of an execution is the noise of the regression. */
const LEAST_SHARE = 0.01;

type Idle = Pick<Cooling, 'fromMs' | 'maxIdleMs'>;

/** What a model's executions take longer after their instance was idle. */
export interface CoolingFit {
  readonly cooling: Cooling;
  /** What any pause costs besides, however long. */
  readonly afterIdle?: AfterIdle;
  /** Of that there is so much in the single executions of the dense load already, microseconds. */
  readonly denseExtraUs: number;
}

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, over the doublings
 * of that idle time: a line through each point, one slope for all. Doublings count from when on these lines come closest.
 * What of it is the way's, which takes longer where requests are sparse, is told apart. What single executions of sparse
 * loads took longer than those of dense ones besides, tails included, they take after any pause: the median over the times
 * in which the server counted them. Undefined where nothing shows, or no latencies were kept.
 * @param singleUs a single execution
 */
export function fitCooling(
  observations: readonly Observation[],
  { name: model, dynamicBatching }: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  singleUs: number,
  wayByRate: readonly RatedDelays[] | undefined,
): CoolingFit | undefined {
  // Just after an execution the batcher does not hold a request back: that would look like cooling.
  const leastIdleUs = 2 * (dynamicBatching?.maxQueueDelayUs ?? 0);
  const samples = idleSamples(observations, model, leastIdleUs);
  if (samples.reduce((sum, sample) => sum + sample.length, 0) < LEAST_REQUESTS) return undefined;
  const lines = FROM_MS.map((fromMs) => {
    const idle = { fromMs, maxIdleMs: MAX_IDLE_MS };
    return { idle, ...lineThrough(samples, idle) };
  });
  const { idle, slopeUs } = lines.reduce((best, line) => (line.squares < best.squares ? line : best));
  const perDoublingUs = slopeUs - wayPerDoublingUs(wayByRate, idle);
  if (!(perDoublingUs > LEAST_SHARE * singleUs)) return undefined;
  const denseDoublings = densePauses(observations, model, idle).map(({ doublings }) => doublings);
  const denseExtraUs = denseDoublings.length === 0 ? 0 : perDoublingUs * mean(denseDoublings);
  const restartsUs = sparseLevels(observations, model, idle)
    .filter(({ pause }) => pause.foundIdle > LEAST_FOUND_IDLE)
    .map(
      ({ us, pause }) => (us - (singleUs - denseExtraUs) - perDoublingUs * pause.doublings) / pause.foundIdle,
    );
  const restartUs =
    denseDoublings.length === 0 || restartsUs.length < LEAST_LEVELS
      ? 0
      : Math.min(MOST_RESTART * singleUs, Math.max(0, median(restartsUs)));
  return {
    cooling: { ...idle, inferMsPerDoubling: Math.round(perDoublingUs * 10) / 10_000 },
    ...(restartUs > LEAST_SHARE * singleUs && { afterIdle: restartOf(restartUs) }),
    denseExtraUs,
  };
}

/** An instance that idled for longer than its callers' round trip starts anew, however long it idled. */
const RESTART_AFTER_MS = { least: 0.5, whole: 1 } as const;

function restartOf(us: number): AfterIdle {
  const { least, whole } = RESTART_AFTER_MS;
  const msPerIdleMs = us / 1000 / (whole - least);
  return { freeMs: least, msPerIdleMs: Math.round(msPerIdleMs * 1e4) / 1e4, maxIdleMs: whole };
}

/** Of single executions: the share that found their instance idle, and the doublings of the idle times before, mean over all of them. */
interface Pause {
  readonly foundIdle: number;
  readonly doublings: number;
}

function densePauses(observations: readonly Observation[], model: string, idle: Idle): Pause[] {
  return observationsOf(observations, 'poisson', model).map(({ statistics, durationS }) =>
    pauseUnder(statistics.filter(isOf(model)), durationS, idle),
  );
}

function isOf(model: string) {
  return (counted: ModelStatistics) => counted.model === model;
}

/** Single executions of sparse loads without another model: their mean, and what pauses were before them. */
function sparseLevels(
  observations: readonly Observation[],
  model: string,
  idle: Idle,
): { readonly us: number; readonly pause: Pause }[] {
  const solo = observationsOf(observations, 'alone', model);
  const inTurns = observationsOf(observations, 'together').map(({ experiment, turns = [] }) => {
    const own = experiment.model === model ? 'first' : experiment.other === model ? 'second' : undefined;
    const alone = turns.filter(({ turn }) => turn === own);
    return { statistics: alone.flatMap(({ statistics }) => statistics), durationS: alone.length * TURN_S };
  });
  return [...solo, ...inTurns].flatMap(({ statistics, durationS }) => {
    const counted = statistics.filter(isOf(model));
    const us = meanSingleUs(counted);
    return us === undefined ? [] : [{ us, pause: pauseUnder(counted, durationS, idle) }];
  });
}

function idleSamples(
  observations: readonly Observation[],
  model: string,
  leastIdleUs: number,
): IdleStart[][] {
  return [
    ...observationsOf(observations, 'alone', model).map((point) =>
      idleStarts(point.clients[0]!, leastIdleUs, () => true),
    ),
    ...observationsOf(observations, 'together').flatMap((point) => {
      const client = point.clients.find((each) => each.model === model);
      if (client === undefined) return [];
      const own = point.experiment.model === model ? 'first' : 'second';
      return [idleStarts(client, leastIdleUs, (us) => turnOf(turnIndex(us)) === own)];
    }),
  ];
}

/** A request that found its instance idle. */
interface IdleStart {
  readonly idleMs: number;
  readonly latencyUs: number;
}

/** Those of a client whose answers all came before it sent again; the first one after a pause of its turn is none. */
function idleStarts(
  { sentUs = [], latenciesUs = [] }: ClientObservation,
  leastIdleUs: number,
  counts: (sentUs: number) => boolean,
): IdleStart[] {
  const found: IdleStart[] = [];
  let freeUs: number | undefined;
  for (const [i, us] of sentUs.entries()) {
    const latencyUs = latenciesUs[i] ?? -1;
    if (latencyUs < 0 || !counts(us)) {
      freeUs = undefined;
      continue;
    }
    if (freeUs !== undefined && us > freeUs + leastIdleUs)
      found.push({ idleMs: (us - freeUs) / 1000, latencyUs });
    freeUs = Math.max(freeUs ?? 0, us + latencyUs);
  }
  return found;
}

interface Seen {
  readonly doublings: number;
  readonly latencyUs: number;
}

interface Line {
  readonly slopeUs: number;
  /** What it leaves over, squared and added up. */
  readonly squares: number;
}

/** Least squares with a line's own height for each sample; once more without those far above their line. */
function lineThrough(starts: readonly (readonly IdleStart[])[], idle: Idle): Line {
  const samples = starts.map((sample) =>
    sample.map(({ idleMs, latencyUs }): Seen => ({ doublings: idleDoublings(idle, idleMs), latencyUs })),
  );
  const first = leastSquares(samples).slopeUs;
  return leastSquares(samples.map((sample) => withoutTail(sample, first)));
}

function leastSquares(samples: readonly (readonly Seen[])[]): Line {
  let [both, squaresX, squaresY] = [0, 0, 0];
  for (const sample of samples) {
    if (sample.length === 0) continue;
    const meanX = mean(sample.map(({ doublings }) => doublings));
    const meanY = mean(sample.map(({ latencyUs }) => latencyUs));
    for (const { doublings, latencyUs } of sample) {
      both += (doublings - meanX) * (latencyUs - meanY);
      squaresX += (doublings - meanX) ** 2;
      squaresY += (latencyUs - meanY) ** 2;
    }
  }
  const slopeUs = squaresX === 0 ? 0 : both / squaresX;
  return { slopeUs, squares: squaresY - slopeUs * both };
}

function withoutTail(sample: readonly Seen[], slope: number): Seen[] {
  const aboveUs = ({ doublings, latencyUs }: Seen) => latencyUs - slope * doublings;
  const sorted = Float64Array.from(sample, aboveUs).sort();
  const mostUs = sorted.length === 0 ? 0 : quantileOfSorted(sorted, COUNTED_UP_TO);
  return sample.filter((each) => aboveUs(each) <= mostUs);
}

/** What the way takes longer where the server idles twice as long between requests. */
function wayPerDoublingUs(wayByRate: readonly RatedDelays[] | undefined, idle: Idle): number {
  if (wayByRate === undefined) return 0;
  const [sparse, dense] = [wayByRate[0]!, wayByRate.at(-1)!];
  const doublings =
    meanDoublings(1000 / sparse.requestsPerS, idle) - meanDoublings(1000 / dense.requestsPerS, idle);
  const wayUs = ({ requestDelayUs, responseDelayUs }: RatedDelays) => requestDelayUs + responseDelayUs;
  return doublings <= 0 ? 0 : Math.max(0, wayUs(sparse) - wayUs(dense)) / doublings;
}

/** What single executions take longer by the pauses before them, mean over all of a load with Poisson arrivals, milliseconds. */
export function coolingMsUnder(
  { cooling, afterIdle }: Pick<ModelProfile, 'cooling' | 'afterIdle'>,
  counted: readonly ModelStatistics[],
  durationS: number,
): number {
  if (cooling === undefined) return 0;
  const { foundIdle, doublings } = pauseUnder(counted, durationS, cooling);
  const restartMs =
    afterIdle === undefined ? 0 : afterIdle.msPerIdleMs * (afterIdle.maxIdleMs - afterIdle.freeMs);
  return cooling.inferMsPerDoubling * doublings + restartMs * foundIdle;
}

/** From what the server counted of a load with Poisson arrivals. */
function pauseUnder(counted: readonly ModelStatistics[], durationS: number, idle: Idle): Pause {
  const requests = counted.reduce((sum, { success }) => sum + success.count, 0);
  if (requests === 0) return { foundIdle: 0, doublings: 0 };
  const foundIdle = Math.max(0, 1 - timeUs(counted, ['inferUs']) / (durationS * 1e6));
  return { foundIdle, doublings: foundIdle * meanDoublings((1000 * durationS) / requests, idle) };
}

const DRAWS = 200;

/** Of an exponential idle time. */
function meanDoublings(meanMs: number, idle: Idle): number {
  const draws = Array.from({ length: DRAWS }, (_, i) =>
    idleDoublings(idle, -meanMs * Math.log(1 - (i + 0.5) / DRAWS)),
  );
  return mean(draws);
}
