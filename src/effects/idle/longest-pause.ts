import { type LinearIdlePenaltyFields, linearIdlePenaltyMs } from './linear-idle-penalty.js';
import { coldInferMs, type WarmUpStateFields } from './warm-up-state.js';

/** What an inference takes longer, at most, by the pauses before it, milliseconds. */
export function longestPauseMs(
  { linearIdlePenalty, warmUpState }: LinearIdlePenaltyFields & WarmUpStateFields,
  inferMs: number,
): number {
  const pausedMs =
    inferMs +
    (linearIdlePenalty === undefined ? 0 : linearIdlePenaltyMs(linearIdlePenalty, Number.POSITIVE_INFINITY));
  return (warmUpState === undefined ? pausedMs : coldInferMs(warmUpState, 1, pausedMs)) - inferMs;
}
