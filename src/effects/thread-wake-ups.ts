import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn } from './effect.js';
import { type ServerSide, withModels } from './server-side.js';
import { retired, us } from './values.js';

/** Threads of the server take time to wake, and it varies which of two wakes first. */
export const threadWakeUps = effect({
  name: 'thread-wake-ups',
  schema: {
    batcherWakeUs: us.describe('From a signal until the batcher thread runs'),
    instanceWakeUs: us.describe('From a batch being there until an idle instance has it'),
    instancePickUpUs: us.describe('From the end of an execution until its instance takes the next batch'),
    // One without dynamic batching has not to wake it.
    batcherSignalUs: us
      .exactOptional()
      .describe("What of response.fixedUs an instance takes to wake its model's batcher"),
    timerSlackUs: us.describe('How late the batcher comes back from holding a batch'),
    batcherWinsShare: z
      .number()
      .min(0)
      .max(1)
      .describe('Share of executions at whose end the batcher runs before the instance takes its next batch'),
    ...retired('clientWakeUs'),
  },
});

export type WakeUpFields = FieldsIn<(typeof threadWakeUps)['schema']>;

export const threadWakeUpsStudy = {
  describe: ({ batcherSignalUs = 0, ...wakes }) => [
    ['waking the batcher (us)', wakes.batcherWakeUs],
    ['waking an idle instance (us)', wakes.instanceWakeUs],
    ['from an execution to the next on its instance (us)', wakes.instancePickUpUs],
    ['waking the batcher, of the response per execution (us)', batcherSignalUs],
    ['how late a held batch leaves (us)', wakes.timerSlackUs],
    ['executions at whose end the batcher is first (%)', 100 * wakes.batcherWinsShare],
  ],
  // Waking a thread is the kernel's and stays; a signal is a part of the response, which is scaled.
  scale: ({ batcherSignalUs, ...wakes }, times) => ({
    ...wakes,
    ...(batcherSignalUs !== undefined && { batcherSignalUs: batcherSignalUs * times }),
  }),
  none: () => ({
    batcherWakeUs: 0,
    instanceWakeUs: 0,
    instancePickUpUs: 0,
    timerSlackUs: 0,
    batcherWinsShare: 0,
  }),
  least: asEver,
  cause: {
    code: 'thread-wake-ups',
    text: 'threads of the server take time to wake; if they woke at once and in order',
    shownBy: ['attentive-batcher'],
  },
  resolved: { none: awakeAtOnce, least: asEver },
} as const satisfies EffectStudy<WakeUpFields>;

function awakeAtOnce<Side extends ServerSide>(server: Side): Side {
  const { batcherAwakeUs: _a, instanceWakeUs: _i, timerSlackUs: _t, ...options } = server.options;
  const woken = withModels(server, ({ batcherWinsShare: _, ...model }) => model);
  return {
    ...woken,
    options: { ...options, batcherWakeUs: 0, instancePickUpUs: 0, batcherWinsShare: 0 },
  };
}
