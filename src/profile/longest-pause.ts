import { idleDoublings } from './cooling.js';
import type { ModelProfile } from './profile.js';
import { coldInferMs } from './warmth.js';

/** What an inference takes longer, at most, by the pauses before it, milliseconds. */
export function longestPauseMs(
  { afterIdle, cooling, warmth }: Pick<ModelProfile, 'afterIdle' | 'cooling' | 'warmth'>,
  inferMs: number,
): number {
  const anyMs =
    afterIdle === undefined ? 0 : Math.max(0, afterIdle.maxIdleMs - afterIdle.freeMs) * afterIdle.msPerIdleMs;
  const cooledMs =
    cooling === undefined ? 0 : idleDoublings(cooling, cooling.maxIdleMs) * cooling.inferMsPerDoubling;
  const pausedMs = inferMs + anyMs + cooledMs;
  return (warmth === undefined ? pausedMs : coldInferMs(warmth, 1, pausedMs)) - inferMs;
}
