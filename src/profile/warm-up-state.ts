import type { WarmUpState } from './profile.js';

/** How cold an instance is after so long of executing (`busy`) or of idling: 0 = it never pauses, 1 = it never executed. */
export function warmUpDeficitAfter(
  { timeConstantMs }: Pick<WarmUpState, 'timeConstantMs'>,
  warmUpDeficit: number,
  ms: number,
  busy: boolean,
): number {
  const rest = Math.exp(-ms / timeConstantMs);
  return busy ? warmUpDeficit * rest : 1 - (1 - warmUpDeficit) * rest;
}

/**
 * How long an inference takes that begins so cold, milliseconds: until the speed, from `1 - (1 - coldSpeed) warm-up deficit^power` on and
 * rising as it warms up, has done what takes `inferMs` at full speed.
 */
export function coldInferMs(warmUpState: WarmUpState, warmUpDeficit: number, inferMs: number): number {
  let tookMs = inferMs;
  for (let i = 0; i < ROUNDS; i++) {
    const nextMs = inferMs + lostMs(warmUpState, warmUpDeficit, tookMs);
    if (nextMs - tookMs < KNOWN_WITHIN_MS) return nextMs;
    tookMs = nextMs;
  }
  return tookMs;
}

/** An inference that began so cold and took so long, had it been warm, milliseconds. */
export function warmInferMs(warmUpState: WarmUpState, warmUpDeficit: number, tookMs: number): number {
  return tookMs - lostMs(warmUpState, warmUpDeficit, tookMs);
}

/** Each round leaves `1 - coldSpeed` of what is missing at most: a tenth of the speed is found to a nanosecond. */
const ROUNDS = 200;
const KNOWN_WITHIN_MS = 1e-7;

/** What the cold takes of the work of so long a time: a power of warm-up deficit, added up over it. */
function lostMs(
  { timeConstantMs, coldSpeed, power = 1 }: WarmUpState,
  warmUpDeficit: number,
  tookMs: number,
): number {
  const fadesMs = timeConstantMs / power;
  return (1 - coldSpeed) * warmUpDeficit ** power * fadesMs * (1 - Math.exp(-tookMs / fadesMs));
}
