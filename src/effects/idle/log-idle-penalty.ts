import * as z from 'zod';
import { effect, neverShorter, removed, staysInModel } from '../effect.js';
import { ms } from '../values.js';

/**
 * What an execution takes longer the longer its instance was idle: others take its place in caches, cores go to sleep
 * ever deeper. `log2(1 + idle / fromMs)` doublings, of an idle time up to `maxIdleMs`, each of which lengthens the inference by so much.
 */
export interface LogIdlePenalty {
  readonly fromMs: number;
  readonly maxIdleMs: number;
  readonly inferMsPerDoubling: number;
}

export interface LogIdlePenaltyFields {
  /** What an execution takes longer by doublings of the idle time; absent = nothing. */
  readonly logIdlePenalty?: LogIdlePenalty;
}

/** An idle penalty by doublings of the pause. */
export const logIdlePenalty = effect<LogIdlePenaltyFields>()({
  name: 'log-idle-penalty',
  formerNames: { cooling: 'logIdlePenalty' },
  schema: {
    logIdlePenalty: z
      .strictObject({
        fromMs: ms.positive().describe('Idle time from which doublings are counted'),
        maxIdleMs: ms.describe('Idling beyond this counts no more'),
        inferMsPerDoubling: ms.describe('Longer by so much for each doubling'),
      })
      .exactOptional()
      .describe('How much longer an execution takes each time its instance was idle twice as long'),
  },
  describe: ({ logIdlePenalty: law }) =>
    law === undefined
      ? []
      : [
          [
            `infer, each time it idled twice as long, from ${law.fromMs} ms (us)`,
            1000 * law.inferMsPerDoubling,
          ],
        ],
  scale: ({ logIdlePenalty: law }, times) =>
    law === undefined
      ? {}
      : { logIdlePenalty: { ...law, inferMsPerDoubling: law.inferMsPerDoubling * times } },
  none: removed,
  least: removed,
  variation: neverShorter,
  couples: staysInModel,
  cause: {
    code: 'idle-penalty',
    text: 'executions take longer the longer their instance was idle; without that',
  },
});

/** What an execution takes longer after its instance was idle for so long, milliseconds. */
export function logIdlePenaltyMs(law: LogIdlePenalty, idleMs: number): number {
  return idleDoublings(law, idleMs) * law.inferMsPerDoubling;
}

/** How many times an idle time counts as doubled. */
export function idleDoublings(
  { fromMs, maxIdleMs }: Pick<LogIdlePenalty, 'fromMs' | 'maxIdleMs'>,
  idleMs: number,
): number {
  return Math.log2(1 + Math.max(0, Math.min(idleMs, maxIdleMs)) / fromMs);
}
