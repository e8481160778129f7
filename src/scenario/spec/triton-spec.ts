import * as z from 'zod';
import { aboveZero, count, microseconds, name, share } from './values.js';

/** Without quotes YAML takes 24.10 as the number 24.1. */
const NO_RELEASE = 'is no release; write it in quotes, such as "24.10"';

const cacheSchema = z.strictObject({
  sizeMb: aboveZero.max(1e7, 'is no size').describe('MiB for the answers of all models.'),
  lookUpUs: microseconds
    .default(0)
    .describe('What finding or keeping an answer takes under the lock, besides copying it.'),
  copyPerKilobyteUs: microseconds.default(0).describe('What copying a KiB of it takes under the lock.'),
  hashPerKilobyteUs: microseconds.default(0).describe('What making the key takes for a KiB of a request.'),
});

/** A server's Triton: its release, threads, response cache and rate limiter. */
export const tritonSchema = z.strictObject({
  version: z
    .string(NO_RELEASE)
    .regex(/^\d{2}\.\d{2}$/, NO_RELEASE)
    .default('24.10')
    .describe('Release of Triton, as year and month.'),
  protocol: z.enum(['grpc', 'http']).default('grpc').describe('How clients speak to it.'),
  frontEndThreads: count(1024)
    .exactOptional()
    .describe('Threads that take requests in. Default: 2 for gRPC, 8 for HTTP.'),
  batcherWakeUs: microseconds
    .exactOptional()
    .describe('From a signal until the batcher thread runs. Default: what the profiles measured, else 5.'),
  instancePickUpUs: microseconds
    .exactOptional()
    .describe(
      'From the end of an execution until its instance takes the next batch. Default: what the profiles measured, else 2.',
    ),
  instanceWakeUs: microseconds
    .exactOptional()
    .describe(
      'Until an idle instance has a batch that is ready. Default: what the profiles measured, else instancePickUpUs.',
    ),
  timerSlackUs: microseconds
    .exactOptional()
    .describe(
      'How late the batcher comes back from holding a batch. Default: what the profiles measured, else 0.',
    ),
  batcherWinsShare: share
    .exactOptional()
    .describe(
      'Share of executions at whose end the batcher runs before the instance takes its next batch. Default: what the profiles measured, else 0.',
    ),
  ensembleStepUs: microseconds
    .exactOptional()
    .describe('What an ensemble takes to hand a request on to one of its steps. Default: 0.'),
  blsCallUs: microseconds
    .exactOptional()
    .describe('What a call of one model by another takes besides the called one. Default: 0.'),
  cache: cacheSchema
    .exactOptional()
    .describe('Its response cache, for models that ask for one. Default: none.'),
  idleCounterDrift: z
    .boolean()
    .exactOptional()
    .describe(
      'Reproduce the idle-instance counter bug of r23.08 to r26.06 (server issue 8870). Default: no.',
    ),
  rateLimit: z
    .enum(['off', 'execution_count'], 'is no mode of the rate limiter; write off or execution_count')
    .default('off')
    .describe(
      "Whether executions take resources, and priorities count, as the models' instance groups say (Triton: --rate-limit).",
    ),
  rateLimitResources: z
    .array(
      z.strictObject({
        name: name.describe('Name of the resource, as in rate_limiter of an instance group.'),
        count: z
          .int('is no whole number')
          .min(0, 'is negative; write 0 or more')
          .max(2 ** 32 - 1, 'is too many')
          .describe('How much there is of it.'),
        device: z
          .int('is no whole number')
          .min(0, 'is no device; write the id of a GPU')
          .exactOptional()
          .describe(
            "Triton's id of the only GPU that has it. Default: each has so much, or one pool is global.",
          ),
      }),
    )
    .min(1, 'is empty; leave it out for as much as the largest demand')
    .max(10_000, 'has too many entries')
    .exactOptional()
    .describe(
      'Units of each resource (Triton: --rate-limit-resource). Default: the most that one instance asks for.',
    ),
});

export type TritonSpec = z.output<typeof tritonSchema>;
