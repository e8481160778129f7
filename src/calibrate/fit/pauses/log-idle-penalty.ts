import { mean, median } from 'simple-statistics';
import { idleDoublings } from '../../../effects/idle/log-idle-penalty.js';
import type { LinearIdlePenalty, LogIdlePenalty } from '../../../profile/profile.js';
import type { RatedDelays } from '../../../profile/serving.js';
import type { Observation } from '../../observation.js';
import { denseLoads } from '../counted-loads.js';
import { lineThrough } from './idle-line.js';
import { type Level, misfitOfLaw, type SparseEvidence } from './levels.js';
import { squaresWithoutLaw } from './proportion.js';
import { type Idle, meanDoublings, pauseMsUnder, pauseUnder } from './under-load.js';

/** After a longer pause nothing is left of what was in caches, so that it costs no more. */
const MAX_IDLE_MS = 100;
/**
 * Idle times from which on doublings count, milliseconds: those that are tried. With the longest, executions take longer
 * in proportion to the idle time: so it was on an Intel host, up to 60 ms; from 1 ms on with each doubling on an AMD one.
 */
const FROM_MS = [1, 2, 4, 8, 16, 32, 64] as const;
/** Loads that must have shown what any pause costs: one may have met a slow time of the machine. */
const LEAST_LEVELS = 2;
/** A load of which fewer found their instance idle does not show what that costs. */
const LEAST_FOUND_IDLE = 0.3;
/** Most that a restart after any pause may cost, as a part of an execution: more has another cause. */
const MOST_RESTART = 0.5;
/** A cost below this part of an execution is the noise of the regression. */
const LEAST_SHARE = 0.01;

/** What a model's executions take longer after their instance was idle. */
export interface LogIdlePenaltyFit {
  readonly logIdlePenalty: LogIdlePenalty;
  /** What any pause costs besides, however long. */
  readonly linearIdlePenalty?: LinearIdlePenalty;
  /** What pauses under the dense loads added to their single executions, and so to the service times, microseconds. */
  readonly denseExtraUs: number;
  /** How far it is from what was measured ({@link misfitOfLaw}). */
  readonly misfit: number;
}

/**
 * Latencies of sparse open loops without co-runners, of requests that found their instance idle, over the doublings
 * of that idle time: a line through each point, one slope for all. Doublings count from when on these lines come closest.
 * What of it is the network delay's, which takes longer where requests are sparse, is told apart. What single executions of sparse
 * loads took longer than those of dense ones besides, tails included, they take after any pause: the median over the times
 * in which the server counted them, less what larger executions of the same load took longer, which no pause came before.
 * Undefined where nothing shows, or no latencies were kept.
 * @param singleUs a single execution
 */
export function fitLogIdlePenalty(
  { samples, levels }: SparseEvidence,
  observations: readonly Observation[],
  model: string,
  singleUs: number,
  networkDelayByRate: readonly RatedDelays[] | undefined,
): LogIdlePenaltyFit | undefined {
  const lines = FROM_MS.map((fromMs) => {
    const idle = { fromMs, maxIdleMs: MAX_IDLE_MS };
    return { idle, ...lineThrough(samples, ({ idleMs }) => idleDoublings(idle, idleMs)) };
  });
  const { idle, slopeUs, squares } = lines.reduce((best, line) =>
    line.squares < best.squares ? line : best,
  );
  const perDoublingUs = slopeUs - networkDelayPerDoublingUs(networkDelayByRate, idle);
  if (!(perDoublingUs > LEAST_SHARE * singleUs)) return undefined;
  const denseDoublings = denseLoads(observations, model).map((load) => pauseUnder(load, idle).doublings);
  const denseExtraUs = denseDoublings.length === 0 ? 0 : perDoublingUs * mean(denseDoublings);
  const restartsUs = withoutSlowTimes(levels).flatMap(({ load, singleUs: us }) => {
    const { foundIdle, doublings } = pauseUnder(load, idle);
    if (foundIdle <= LEAST_FOUND_IDLE) return [];
    return [(us - (singleUs - denseExtraUs) - perDoublingUs * doublings) / foundIdle];
  });
  const restartUs =
    denseDoublings.length === 0 || restartsUs.length < LEAST_LEVELS
      ? 0
      : Math.min(MOST_RESTART * singleUs, Math.max(0, median(restartsUs)));
  const law = {
    logIdlePenalty: { ...idle, inferMsPerDoubling: Math.round(perDoublingUs * 10) / 10_000 },
    ...(restartUs > LEAST_SHARE * singleUs && { linearIdlePenalty: restartOf(restartUs) }),
  };
  const warmMs = (singleUs - denseExtraUs) / 1000;
  // Larger executions follow another one: no pause came before.
  const expected = levels.map(({ load }) => ({
    singleMs: warmMs + pauseMsUnder(law, warmMs, load),
    larger: 1,
  }));
  const misfit = misfitOfLaw(squares / squaresWithoutLaw(samples), levels, expected);
  return { ...law, denseExtraUs, misfit };
}

/**
 * The loads as if the machine had been as fast as under dense ones, by their larger executions, which no pause came before: where
 * at least half of the loads say. (In 47 loads of nine networks single executions took 0.85 to 1.56 times as long as under dense
 * ones, and larger ones as many times as long: correlation 0.96, half of them within 2.7 %.)
 */
function withoutSlowTimes(levels: readonly Level[]): readonly Level[] {
  const told = levels.flatMap(({ larger, ...level }) =>
    larger === undefined ? [] : [{ ...level, singleUs: level.singleUs / larger }],
  );
  return told.length >= Math.max(LEAST_LEVELS, levels.length / 2) ? told : levels;
}

/** An instance that idled for longer than its clients' round trip starts anew, however long it idled. */
const RESTART_AFTER_MS = { least: 0.5, whole: 1 } as const;

function restartOf(us: number): LinearIdlePenalty {
  const { least, whole } = RESTART_AFTER_MS;
  const msPerIdleMs = us / 1000 / (whole - least);
  return { freeMs: least, msPerIdleMs: Math.round(msPerIdleMs * 1e4) / 1e4, maxIdleMs: whole };
}

/** What the network delay takes longer where the server idles twice as long between requests. */
function networkDelayPerDoublingUs(
  networkDelayByRate: readonly RatedDelays[] | undefined,
  idle: Idle,
): number {
  if (networkDelayByRate === undefined) return 0;
  const [sparse, dense] = [networkDelayByRate[0]!, networkDelayByRate.at(-1)!];
  const doublings =
    meanDoublings(1000 / sparse.requestsPerS, idle) - meanDoublings(1000 / dense.requestsPerS, idle);
  const networkDelayUs = ({ requestDelayUs, responseDelayUs }: RatedDelays) =>
    requestDelayUs + responseDelayUs;
  return doublings <= 0 ? 0 : Math.max(0, networkDelayUs(sparse) - networkDelayUs(dense)) / doublings;
}
