import * as z from 'zod';
import { type EffectStudy, effect, type FieldsIn, removed, unscaled } from '../effect.js';
import { ms } from '../values.js';

/** The warm-up state of an instance: it is slower the less it executed lately. */
export const warmUpState = effect({
  name: 'warm-up-state',
  formerNames: { warmth: 'warmUpState' },
  schema: {
    warmUpState: z
      .strictObject({
        timeConstantMs: ms.positive().describe('In which it warms up and cools down'),
        coldSpeed: z.number().min(0.05).max(1).describe("Speed of a cold one as a share of a warm one's"),
        power: z
          .number()
          .min(0.1)
          .max(100)
          .exactOptional()
          .describe('The higher, the colder it must be before it is slower. Default: 1, in proportion'),
      })
      .exactOptional()
      .describe('How much slower an instance computes the less it executed lately'),
  },
});

export type WarmUpStateFields = FieldsIn<(typeof warmUpState)['schema']>;

/**
 * How much slower an instance computes that has executed little lately: a core's clock follows the share of the last tens of
 * milliseconds in which it was busy. An instance grows cold while it idles and warm while it executes, both by
 * `exp(-t / timeConstantMs)`; its speed falls with a power of that, down to `coldSpeed` of a warm one's. Instances of a model on
 * one device, or on the host's cores, keep each other warm (measured: two instances of a network on two cores).
 */
export type WarmUpState = NonNullable<WarmUpStateFields['warmUpState']>;

export const warmUpStateStudy = {
  describe: ({ warmUpState: law }) =>
    law === undefined
      ? []
      : [
          [
            `speed when cold, part of that when warm (time constant ${law.timeConstantMs} ms, power ${law.power ?? 1})`,
            law.coldSpeed,
          ],
        ],
  scale: unscaled,
  none: removed,
  least: removed,
  cause: {
    code: 'warm-up-state',
    text: 'instances are slower the less they executed lately; if they were always warm',
  },
} as const satisfies EffectStudy<WarmUpStateFields>;

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
