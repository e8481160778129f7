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
 * What an inference takes longer that begins so cold, milliseconds: `coldExtra` times its coldness, added up over its time, in
 * which it warms up.
 */
export function coldExtraMs(
  { timeConstantMs, coldExtra }: Warmth,
  coldness: number,
  inferMs: number,
): number {
  return coldExtra * coldness * timeConstantMs * (1 - Math.exp(-inferMs / timeConstantMs));
}

/** The inference that began so cold and took so long, had it been warm, milliseconds; no less than half. */
export function warmInferMs(warmth: Warmth, coldness: number, measuredMs: number): number {
  let inferMs = measuredMs;
  for (let i = 0; i < ROUNDS; i++)
    inferMs = Math.max(measuredMs / 2, measuredMs - coldExtraMs(warmth, coldness, inferMs));
  return inferMs;
}

/** An execution that takes nearly twice as long when cold is found slowly: each round leaves up to half of what is missing. */
const ROUNDS = 60;
