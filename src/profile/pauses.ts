import type { AfterIdle, LogIdlePenalty, ModelProfile } from './profile.js';
import { coldInferMs } from './warm-up-state.js';

/** What an execution takes longer after its instance was idle for so long, milliseconds. */
export function afterIdleMs({ freeMs, msPerIdleMs, maxIdleMs }: AfterIdle, idleMs: number): number {
  return Math.max(0, Math.min(idleMs, maxIdleMs) - freeMs) * msPerIdleMs;
}

/** The same by doublings of the idle time. */
export function logIdlePenaltyMs(logIdlePenalty: LogIdlePenalty, idleMs: number): number {
  return idleDoublings(logIdlePenalty, idleMs) * logIdlePenalty.inferMsPerDoubling;
}

/** How many times an idle time counts as doubled. */
export function idleDoublings(
  { fromMs, maxIdleMs }: Pick<LogIdlePenalty, 'fromMs' | 'maxIdleMs'>,
  idleMs: number,
): number {
  return Math.log2(1 + Math.max(0, Math.min(idleMs, maxIdleMs)) / fromMs);
}

/** What an inference takes longer, at most, by the pauses before it, milliseconds. */
export function longestPauseMs(
  {
    linearIdlePenalty,
    logIdlePenalty,
    warmUpState,
  }: Pick<ModelProfile, 'linearIdlePenalty' | 'logIdlePenalty' | 'warmUpState'>,
  inferMs: number,
): number {
  const pausedMs =
    inferMs +
    (linearIdlePenalty === undefined ? 0 : afterIdleMs(linearIdlePenalty, Number.POSITIVE_INFINITY)) +
    (logIdlePenalty === undefined ? 0 : logIdlePenaltyMs(logIdlePenalty, Number.POSITIVE_INFINITY));
  return (warmUpState === undefined ? pausedMs : coldInferMs(warmUpState, 1, pausedMs)) - inferMs;
}
