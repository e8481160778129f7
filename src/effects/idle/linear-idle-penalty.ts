import * as z from 'zod';
import { type EffectStudy, effect, type FieldsIn, removed } from '../effect.js';
import { ms } from '../values.js';

/** An idle penalty in proportion to the pause. */
export const linearIdlePenalty = effect({
  name: 'linear-idle-penalty',
  formerNames: { afterIdle: 'linearIdlePenalty' },
  schema: {
    linearIdlePenalty: z
      .strictObject({
        freeMs: ms.describe('Idling up to this costs nothing'),
        msPerIdleMs: z.number().min(0).max(10).describe('Longer by so much for each ms of idling beyond'),
        maxIdleMs: ms.describe('Idling beyond this counts no more'),
      })
      .exactOptional()
      .describe('How much longer an execution takes after the instance was idle'),
  },
});

export type LinearIdlePenaltyFields = FieldsIn<(typeof linearIdlePenalty)['schema']>;

/**
 * Slower start after a pause (clocks ramp down, caches go cold): the inference phase takes
 * `msPerIdleMs` longer for each millisecond of idling beyond `freeMs`, counted up to `maxIdleMs`.
 */
export type LinearIdlePenalty = NonNullable<LinearIdlePenaltyFields['linearIdlePenalty']>;

export const linearIdlePenaltyStudy = {
  describe: ({ linearIdlePenalty: law }) =>
    law === undefined
      ? []
      : [[`infer, per ms idle from ${law.freeMs} to ${law.maxIdleMs} ms (ms)`, law.msPerIdleMs]],
  scale: ({ linearIdlePenalty: law }, times) =>
    law === undefined ? {} : { linearIdlePenalty: { ...law, msPerIdleMs: law.msPerIdleMs * times } },
  none: removed,
  // Others may keep it from idling.
  least: removed,
  cause: {
    code: 'idle-penalty',
    text: 'executions take longer after their instance was idle; without that',
  },
} as const satisfies EffectStudy<LinearIdlePenaltyFields>;

/** What an execution takes longer after its instance was idle for so long, milliseconds. */
export function linearIdlePenaltyMs(
  { freeMs, msPerIdleMs, maxIdleMs }: LinearIdlePenalty,
  idleMs: number,
): number {
  return Math.max(0, Math.min(idleMs, maxIdleMs) - freeMs) * msPerIdleMs;
}
