import * as z from 'zod';
import { countLaw, meanCount, milliseconds } from './values.js';

export const responsesSchema = z
  .strictObject({
    mean: z
      .number()
      .min(0, 'is below 0')
      .max(1e6, 'is too many')
      .describe('Responses to a request, on average. Below 1: how likely it gets one.'),
    law: countLaw,
    firstMs: z
      .number()
      .min(-1e9, 'is too early')
      .max(1e9, 'is too late')
      .default(0)
      .describe(
        'From the end of the execution to the first one; below 0: so long before it, from an instance that is busy meanwhile.',
      ),
    gapMs: milliseconds.default(0).describe('From one to the next.'),
    endMs: milliseconds
      .exactOptional()
      .describe(
        'From the last one, or from where the first would be, to an empty message that ends the request. Default: the last one ends it.',
      ),
  })
  .describe(
    'What a request of a decoupled model gets. Its instance is free again once its execution has ended.',
  );

export const iterationsSchema = z
  .strictObject({
    mean: meanCount(1e6).describe('Executions of a request, on average.'),
    law: countLaw,
  })
  .describe('How often a model with iterative_sequence reschedules a request, the first execution included.');
