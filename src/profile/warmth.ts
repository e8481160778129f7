import type { Warmth } from './profile.js';

/** How cold an instance is after so long of executing (`busy`) or of idling: 0 = it never pauses, 1 = it never executed. */
export function coldnessAfter(
  { timeConstantMs }: Pick<Warmth, 'timeConstantMs'>,
  coldness: number,
  ms: number,
  busy: boolean,
): number {
  const rest = Math.exp(-ms / timeConstantMs);
  return busy ? coldness * rest : 1 - (1 - coldness) * rest;
}

/**
 * How long an inference takes that begins so cold, milliseconds: until the speed, from `1 - (1 - coldSpeed) coldness^power` on and
 * rising as it warms up, has done what takes `inferMs` at full speed.
 */
export function coldInferMs(warmth: Warmth, coldness: number, inferMs: number): number {
  let tookMs = inferMs;
  for (let i = 0; i < ROUNDS; i++) {
    const nextMs = inferMs + lostMs(warmth, coldness, tookMs);
    if (nextMs - tookMs < KNOWN_WITHIN_MS) return nextMs;
    tookMs = nextMs;
  }
  return tookMs;
}

/** An inference that began so cold and took so long, had it been warm, milliseconds. */
export function warmInferMs(warmth: Warmth, coldness: number, tookMs: number): number {
  return tookMs - lostMs(warmth, coldness, tookMs);
}

/** Each round leaves `1 - coldSpeed` of what is missing at most: a tenth of the speed is found to a nanosecond. */
const ROUNDS = 200;
const KNOWN_WITHIN_MS = 1e-7;

/** What the cold takes of the work of so long a time: a power of coldness, added up over it. */
function lostMs({ timeConstantMs, coldSpeed, power = 1 }: Warmth, coldness: number, tookMs: number): number {
  const fadesMs = timeConstantMs / power;
  return (1 - coldSpeed) * coldness ** power * fadesMs * (1 - Math.exp(-tookMs / fadesMs));
}
