import * as z from 'zod';
import { exactlyOne, onlyBeside } from '../../base/document/json-rules.js';
import type { Immutable } from '../../base/immutable.js';
import { arrivalProcessSchema, batchSizesSchema } from '../../trace/synthesis/process-schema.js';
import { CLIENT_KINDS } from '../closed-loop/client-kinds.js';
import { MOST_CONTENTS } from '../contents.js';
import {
  aboveZero,
  bytes,
  count,
  countLaw,
  cv,
  filePath,
  meanCount,
  microseconds,
  milliseconds,
  name,
  seconds,
  secondsAboveZero,
  usd,
} from './values.js';

const traceSchema = z.strictObject({
  file: filePath.describe('Trace: .arrow, .parquet, .csv or .jsonl, also with .gz.'),
  tenant: name
    .exactOptional()
    .describe('Tenant of the trace. Default: the one of the same name, or the only one.'),
  fromS: seconds.default(0).describe('Part of the trace to take, before it is scaled.'),
  toS: secondsAboveZero.exactOptional().describe('First second that is not taken. Default: to its end.'),
  scaleTime: aboveZero
    .max(1e9, 'is no factor')
    .default(1)
    .describe('Above 1 slower, below 1 faster; the shape of bursts stays.'),
  scaleRate: aboveZero
    .max(1e5, 'is no factor; write at most 1e5')
    .default(1)
    .describe('Factor on the rate, by thinning or by laying shifted copies over the trace.'),
});

const clientSchema = z
  .strictObject({
    kind: z
      .enum(CLIENT_KINDS)
      .describe(
        'ideal: sends again at once. perf-analyzer: its threads take one answer after the other. one-thread-each: each closed-loop client has its own thread.',
      ),
    threads: count(1024)
      .exactOptional()
      .describe('Threads of perf-analyzer that take answers at the same time. Default 1.'),
    sendUs: microseconds
      .exactOptional()
      .describe(
        'What an answer and the next request keep a thread busy for. perf-analyzer: before its next answer. one-thread-each: before the request leaves. Default 94.',
      ),
    sendCv: cv.exactOptional().describe('Coefficient of variation of that time. Default 1: exponential.'),
  })
  .superRefine((client, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (client.kind === 'ideal')
      for (const key of ['sendUs', 'sendCv'] as const)
        if (client[key] !== undefined) add(key, 'has no meaning for an ideal client; remove it');
    if (client.kind !== 'perf-analyzer' && client.threads !== undefined)
      add('threads', 'has a meaning only for perf-analyzer; remove it');
  });

const closedLoopSchema = z.strictObject({
  concurrency: count(1_000_000).describe('Closed-loop clients, each with one request at a time.'),
  thinkMs: milliseconds.default(0).describe('Mean time from an answer to the next request.'),
  thinkLaw: z.enum(['constant', 'exponential']).default('constant').describe('How that time is distributed.'),
  maxRequests: count(1e9).exactOptional().describe('Requests in all. Default: as many as the run allows.'),
  client: clientSchema.exactOptional().describe('Which client it is. Default: an ideal one.'),
});

const loadSchema = z
  .strictObject({
    process: arrivalProcessSchema.exactOptional().describe('Arrivals drawn from a process.'),
    trace: traceSchema.exactOptional().describe('Arrivals that were recorded.'),
    closedLoop: closedLoopSchema
      .exactOptional()
      .describe('Closed-loop clients that wait for their answer before they send again.'),
    startS: seconds.exactOptional().describe('When the load begins. Default 0.'),
    durationS: secondsAboveZero
      .exactOptional()
      .describe('How long it lasts. Default: to the end of the run.'),
    maxInFlight: count(1_000_000)
      .exactOptional()
      .describe('Most requests under way at once; later ones wait at the client.'),
    latencyFrom: z
      .enum(['planned', 'sent'])
      .exactOptional()
      .describe('Where latency counts from under maxInFlight. Default: planned.'),
    pacing: z
      .enum(['schedule', 'gap'])
      .exactOptional()
      .describe(
        'After a wait under maxInFlight: catch up with the plan (schedule, default), or count gaps from the last request sent.',
      ),
  })
  .superRefine((load, context) => {
    const add = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const written = (['process', 'trace', 'closedLoop'] as const).filter((key) => load[key] !== undefined);
    if (written.length === 0) add([], 'there is no load; write one of process, trace or closedLoop');
    for (const extra of written.slice(1)) add([extra], `is given beside ${written[0]}; keep one of them`);
    if (written[0] === 'closedLoop') {
      for (const key of ['startS', 'durationS', 'maxInFlight'] as const) {
        if (load[key] !== undefined) add([key], 'has no meaning in a closed loop; remove it');
      }
    }
    for (const key of ['latencyFrom', 'pacing'] as const) {
      if (load[key] !== undefined && load.maxInFlight === undefined) {
        add([key], 'has a meaning only under maxInFlight; remove it or set maxInFlight');
      }
    }
  })
  .meta({
    ...exactlyOne('process', 'trace', 'closedLoop'),
    ...onlyBeside('maxInFlight', 'latencyFrom', 'pacing'),
  });

const tokenLawSchema = z.strictObject({
  mean: meanCount(1e7).describe('Tokens, on average.'),
  cv: cv.default(0).describe('Coefficient of variation: 0 is constant, else lognormal.'),
});

const tokensSchema = z.strictObject({
  prompt: tokenLawSchema.describe('Those that the model reads.'),
  output: tokenLawSchema.describe('Those that it answers with.'),
});

const contentsSchema = z.strictObject({
  objects: count(MOST_CONTENTS).describe('Different requests that it has.'),
  exponent: z
    .number()
    .min(0, 'is negative; write 0 for equal popularity')
    .max(10, 'is too large; write at most 10')
    .default(1)
    .describe('Popularity of the one of rank r is in proportion to 1/r to this power (Zipf).'),
});

const limitMs = aboveZero.max(1e12, 'is no limit');

const sloSchema = z.strictObject({
  percentile: z
    .number()
    // No SLO asks for so little, and a share taken for a percentage would be met by anything.
    .min(1, 'must be 1 or more, in percent; write 99 for 0.99')
    .lt(100, 'must be below 100; write for example 99.9')
    .describe('Percent of the requests that must be answered within the limit, e.g. 99.'),
  limitMs: limitMs.describe('Longest latency that meets the SLO.'),
  firstResponseMs: limitMs
    .exactOptional()
    .describe('A request meets the SLO only where its first response also comes within so much.'),
  betweenResponsesMs: limitMs.exactOptional().describe('The same of the mean time between its responses.'),
  penaltyUsdPerHour: usd.exactOptional().describe('Paid per hour while the SLO is violated.'),
});

export const tenantSchema = z.strictObject({
  name: name.describe('Name of the tenant.'),
  model: name.describe('Model that it asks.'),
  servers: z
    .array(name)
    .min(1, 'is empty; leave it out for every server that serves the model')
    .exactOptional()
    .describe('Servers that its requests may go to. Default: all that serve the model.'),
  routing: z
    .enum(['roundRobin', 'random', 'leastOutstanding', 'powerOfTwo'])
    .default('roundRobin')
    .describe('To which of them a request goes.'),
  load: loadSchema.describe('When it sends requests: process, trace or closedLoop.'),
  batchSize: batchSizesSchema.default(1).describe('Inferences per request where the trace does not say.'),
  requestBytes: bytes
    .exactOptional()
    .describe(
      'Per inference. Default: what the profile says, else what the tensors of the configuration take.',
    ),
  responseBytes: bytes.exactOptional().describe('The same of a response.'),
  sharedMemory: z
    .enum(['none', 'system', 'cuda'])
    .default('none')
    .describe(
      "Where its tensors are, as perf_analyzer's --shared-memory: none = in the requests; system = on the server's host; cuda = on the GPU, to which nothing is copied then.",
    ),
  sharedStreams: count(65_536)
    .exactOptional()
    .describe(
      'gRPC streams that its requests share in turn; a sequence stays on one. Answers in a stream keep the order of its requests, except of decoupled models. Default: no answer waits for another.',
    ),
  priority: z
    .int('is not a whole number; round it')
    .min(0, 'is negative; write 0 for the default level')
    .max(1000, 'is no priority level')
    .default(0)
    .describe("Triton's priority level, 1 = first; 0 = the model's default."),
  timeoutMs: milliseconds.default(0).describe('Queue timeout that the request asks for; 0 = none.'),
  shape: z
    .int('is not a whole number; number the shapes')
    .min(0, 'is negative; number the shapes from 0')
    .max(65_535, 'is too large; write at most 65535')
    .default(0)
    .describe(
      'Requests of different numbers share a batch only if the model has no input that Triton compares: one of variable shape that is not ragged, a shape tensor, or an optional one.',
    ),
  outputs: z
    .array(name)
    .min(1, 'is empty; leave it out for all outputs')
    .exactOptional()
    .describe(
      'Outputs that its requests ask an ensemble for: steps that none of them needs are not run. Default: all.',
    ),
  sequences: z
    .strictObject({
      requests: meanCount(1e6).describe('Requests of a sequence, on average.'),
      law: countLaw,
      gapMs: milliseconds.describe('From one request of a sequence to the next.'),
    })
    .exactOptional()
    .describe(
      'Each arrival of its load starts a sequence, for models with sequence_batching. Default: as the sequence_id of its trace says.',
    ),
  contents: contentsSchema
    .exactOptional()
    .describe(
      'How often its requests are equal, for a response cache. Default: as the content_id of its trace says, else never.',
    ),
  tokens: tokensSchema
    .exactOptional()
    .describe(
      'Tokens of a request, for models with engine. Default: as prompt_tokens and output_tokens of its trace say.',
    ),
  slo: sloSchema.exactOptional().describe('What latency is asked for. Default: nothing.'),
});

/** How many tokens requests have: lognormal, or constant where `cv` is 0. */
export type TokenLaw = Immutable<z.output<typeof tokenLawSchema>>;
export type Tokens = Immutable<z.output<typeof tokensSchema>>;
/** Contents drawn by their popularity: the one of rank r in proportion to r^-exponent (Zipf). */
export type Contents = Immutable<z.output<typeof contentsSchema>>;
/** An SLO: `percentile` % of the requests are answered within `limitMs` of their planned arrival. */
export type Slo = Immutable<z.output<typeof sloSchema>>;
export type ClientSpec = Immutable<z.output<typeof clientSchema>>;
export type TraceSpec = z.output<typeof traceSchema>;
export type LoadSpec = z.output<typeof loadSchema>;
export type TenantSpec = z.output<typeof tenantSchema>;
