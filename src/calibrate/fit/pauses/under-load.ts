import { mean } from 'simple-statistics';
import { linearIdlePenaltyMs } from '../../../effects/idle/linear-idle-penalty.js';
import { idleDoublings } from '../../../effects/idle/log-idle-penalty.js';
import type { LogIdlePenalty, ModelProfile } from '../../../profile/profile.js';
import { type CountedLoad, requestsOf } from '../counted-loads.js';
import { timeUs } from '../phases.js';
import { warmUpDeficitOfSize, warmUpDeficitUnder } from './warm-up-deficit.js';
import { meanColdMs } from './warm-up-state.js';

/** From where on and up to where idle times count. */
export type Idle = Pick<LogIdlePenalty, 'fromMs' | 'maxIdleMs'>;

/**
 * The share of single executions that found their instance idle, and how often the idle times before them doubled, mean over
 * all.
 */
export interface Pause {
  readonly foundIdle: number;
  readonly doublings: number;
}

/**
 * What single executions take longer by the pauses before them, mean over all of a load with Poisson arrivals, milliseconds.
 */
export function pauseMsUnder(
  {
    logIdlePenalty,
    linearIdlePenalty,
    warmUpState,
  }: Pick<ModelProfile, 'logIdlePenalty' | 'linearIdlePenalty' | 'warmUpState'>,
  singleMs: number,
  load: CountedLoad,
): number {
  if (warmUpState !== undefined) {
    const warmUpDeficit = warmUpDeficitOfSize(warmUpDeficitUnder(load, warmUpState.timeConstantMs), 1);
    return meanColdMs(warmUpState, warmUpDeficit, singleMs) - singleMs;
  }
  if (logIdlePenalty === undefined) return 0;
  const { foundIdle, doublings } = pauseUnder(load, logIdlePenalty);
  const restartMs =
    linearIdlePenalty === undefined ? 0 : linearIdlePenaltyMs(linearIdlePenalty, Number.POSITIVE_INFINITY);
  return logIdlePenalty.inferMsPerDoubling * doublings + restartMs * foundIdle;
}

/** The pauses under a load with Poisson arrivals, from the busy time that the server counted. */
export function pauseUnder(load: CountedLoad, idle: Idle): Pause {
  const { counted, durationS } = load;
  const requests = requestsOf(load);
  if (requests === 0) return { foundIdle: 0, doublings: 0 };
  const foundIdle = Math.max(0, 1 - timeUs(counted, ['inferUs']) / (durationS * 1e6));
  return { foundIdle, doublings: foundIdle * meanDoublings((1000 * durationS) / requests, idle) };
}

const DRAWS = 200;

/** How often an exponential idle time of this mean has doubled, on average. */
export function meanDoublings(meanMs: number, idle: Idle): number {
  const draws = Array.from({ length: DRAWS }, (_, i) =>
    idleDoublings(idle, -meanMs * Math.log(1 - (i + 0.5) / DRAWS)),
  );
  return mean(draws);
}
