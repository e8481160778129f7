import { type AfterIdleFields, afterIdleMs } from './after-idle.js';
import { type LogIdlePenaltyFields, logIdlePenaltyMs } from './cooling.js';
import { coldInferMs, type WarmUpStateFields } from './warmth.js';

/** What an inference takes longer, at most, by the pauses before it, milliseconds. */
export function longestPauseMs(
  {
    linearIdlePenalty,
    logIdlePenalty,
    warmUpState,
  }: AfterIdleFields & LogIdlePenaltyFields & WarmUpStateFields,
  inferMs: number,
): number {
  const pausedMs =
    inferMs +
    (linearIdlePenalty === undefined ? 0 : afterIdleMs(linearIdlePenalty, Number.POSITIVE_INFINITY)) +
    (logIdlePenalty === undefined ? 0 : logIdlePenaltyMs(logIdlePenalty, Number.POSITIVE_INFINITY));
  return (warmUpState === undefined ? pausedMs : coldInferMs(warmUpState, 1, pausedMs)) - inferMs;
}
