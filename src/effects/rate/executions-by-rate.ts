import * as z from 'zod';
import { type EffectStudy, effect, type FieldsIn, removed } from '../effect.js';
import { anyProfile, type ServerSide } from '../server-side.js';
import { us } from '../values.js';
import { checkRates, requestsPerS } from './at-rate.js';

const schema = {
  phasesByRate: z
    .array(
      z.strictObject({
        requestsPerS,
        executionsPerS: z
          .number()
          .positive()
          .exactOptional()
          .describe('Fewer where requests were batched. Default: as many'),
        inputUs: us.describe('Longer gathering of inputs'),
        inferUs: us.describe('Longer inference'),
        outputUs: us.describe('Longer copying of outputs'),
      }),
    )
    .min(2)
    .max(100)
    .readonly()
    .superRefine(checkRates)
    .exactOptional()
    .describe('What an execution takes longer by requests per second to the server, ascending'),
};

/**
 * Threads of the server, and the backend's, sleep deeper between sparse requests. Between two rates the time changes with the
 * logarithm of the rate. It is executions that keep threads awake.
 */
export type ExecutionsByRateFields = FieldsIn<typeof schema>;

/** What the phases of an execution take longer under so many requests per second to the server. */
export type RatedPhases = NonNullable<ExecutionsByRateFields['phasesByRate']>[number];

/** Executions take longer where the server gets few requests. */
export const executionsByRate = effect({
  name: 'executions-by-rate',
  schema,
  couples: (server: ServerSide<{ readonly serving?: ExecutionsByRateFields }>) =>
    anyProfile(server, ({ serving }) => serving?.phasesByRate !== undefined) ? 'load' : undefined,
});

export const executionsByRateStudy = {
  describe: ({ phasesByRate = [] }) =>
    phasesByRate.map(
      (rated) =>
        [
          `executions longer at ${Math.round(rated.requestsPerS)} requests/s (us)`,
          rated.inputUs + rated.inferUs + rated.outputUs,
        ] as const,
    ),
  scale: ({ phasesByRate }, times) =>
    phasesByRate === undefined
      ? {}
      : {
          phasesByRate: phasesByRate.map((rated) => ({
            ...rated,
            inputUs: rated.inputUs * times,
            inferUs: rated.inferUs * times,
            outputUs: rated.outputUs * times,
          })),
        },
  none: removed,
  least: removed,
  cause: {
    code: 'executions-by-rate',
    text: 'requests are sparse, so that threads of the server sleep and executions take longer; if these were always awake',
  },
} as const satisfies EffectStudy<ExecutionsByRateFields>;
