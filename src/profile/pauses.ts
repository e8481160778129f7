import type { AfterIdle, Cooling, ModelProfile } from './profile.js';
import { coldInferMs } from './warmth.js';

/** What an execution takes longer after its instance was idle for so long, milliseconds. */
export function afterIdleMs({ freeMs, msPerIdleMs, maxIdleMs }: AfterIdle, idleMs: number): number {
  return Math.max(0, Math.min(idleMs, maxIdleMs) - freeMs) * msPerIdleMs;
}

/** The same by doublings of the idle time. */
export function cooledMs(cooling: Cooling, idleMs: number): number {
  return idleDoublings(cooling, idleMs) * cooling.inferMsPerDoubling;
}

/** How many times an idle time counts as doubled. */
export function idleDoublings(
  { fromMs, maxIdleMs }: Pick<Cooling, 'fromMs' | 'maxIdleMs'>,
  idleMs: number,
): number {
  return Math.log2(1 + Math.max(0, Math.min(idleMs, maxIdleMs)) / fromMs);
}

/** What an inference takes longer, at most, by the pauses before it, milliseconds. */
export function longestPauseMs(
  { afterIdle, cooling, warmth }: Pick<ModelProfile, 'afterIdle' | 'cooling' | 'warmth'>,
  inferMs: number,
): number {
  const pausedMs =
    inferMs +
    (afterIdle === undefined ? 0 : afterIdleMs(afterIdle, Number.POSITIVE_INFINITY)) +
    (cooling === undefined ? 0 : cooledMs(cooling, Number.POSITIVE_INFINITY));
  return (warmth === undefined ? pausedMs : coldInferMs(warmth, 1, pausedMs)) - inferMs;
}
