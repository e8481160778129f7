import * as z from 'zod';
import { exactlyOne, notBoth, onlyBeside } from '../../base/document/json-rules.js';
import { MOST_INFERENCES } from '../../trace/columns.js';
import { modelConfigFieldsSchema } from '../triton/fields-schema.js';
import { iterationsSchema, responsesSchema } from './answers-spec.js';
import { deviceSchema } from './device-spec.js';
import { tritonSchema } from './triton-spec.js';
import { aboveZero, count, filePath, microseconds, milliseconds, name, share, usd } from './values.js';

const priceItem = z.strictObject({
  sku: name.describe('Row of the price book.'),
  count: aboveZero.max(1e6, 'is no number of parts').default(1).describe('How many of it.'),
  provider: name
    .exactOptional()
    .describe('Where several providers have such a row, e.g. aws. Default: the only one.'),
  region: name.exactOptional().describe('Where prices differ by region. Default: the only one.'),
  spot: z.boolean().default(false).describe('The price of a machine that may be taken away.'),
  allowRecalled: z.boolean().default(false).describe('Take a price that is written down without a source.'),
});

const machineSchema = z
  .strictObject({
    kind: name.exactOptional().describe('What reports call it. Default: its rows of the price book.'),
    usdPerHour: usd.exactOptional().describe('Its price; without one and without price it costs nothing.'),
    priceSource: z
      .string()
      .max(10_000, 'is too long')
      .exactOptional()
      .describe('Where usdPerHour comes from, with its date.'),
    price: z
      .array(priceItem)
      .min(1, 'is empty; write rows of the price book')
      .exactOptional()
      .describe('Rows of the price book that add up to the machine, instead of usdPerHour.'),
  })
  .refine((machine) => machine.usdPerHour === undefined || machine.price === undefined, {
    path: ['price'],
    error: 'is given beside usdPerHour; keep one of the two',
  })
  .meta(notBoth('usdPerHour', 'price'));

const bandwidth = aboveZero.max(1e9, 'is no bandwidth').exactOptional();

const networkSchema = z.strictObject({
  requestDelayUs: microseconds
    .exactOptional()
    .describe('One way, client to server. Default: what the profiles measured, else 0.'),
  responseDelayUs: microseconds.exactOptional().describe('The same, server to client.'),
  clientUs: microseconds
    .exactOptional()
    .describe(
      "What the clients' threads add to the measured way, both directions together. Default: what a usual gRPC client adds, where the profiles know it; 0 = clients that cost nothing.",
    ),
  bandwidthMbps: bandwidth.describe('Megabits per second each way, shared by all. Default: no limit.'),
  requestBandwidthMbps: bandwidth.describe('Client to server, where the two ways differ.'),
  responseBandwidthMbps: bandwidth.describe('Server to client, where the two ways differ.'),
});

const callFields = {
  call: name.exactOptional().describe('Model of the same server that is called.'),
  per: z
    .enum(['request', 'batch'])
    .exactOptional()
    .describe('A call for each request of a batch, one after the other, or one for all. Default: request.'),
  probability: share.exactOptional().describe('How often the call is made. Default: always.'),
  inferences: count(MOST_INFERENCES)
    .exactOptional()
    .describe('Inferences that it asks for. Default: those of the request, or of the batch.'),
};

const callSchema = z.strictObject({ ...callFields, call: name.describe('Model that is called.') });

const callStepSchema = z
  .strictObject({
    ...callFields,
    times: count(1024)
      .exactOptional()
      .describe('How many such calls, one after the other, as a loop makes them. Default: one.'),
    ownMs: milliseconds.exactOptional().describe('Time that the model computes by itself.'),
    parallel: z
      .array(callSchema)
      .min(1, 'is empty; write at least one call')
      .max(1024, 'has too many calls')
      .exactOptional()
      .describe(
        'Calls that are made at once, for all requests of the batch; the model waits for all of them.',
      ),
  })
  .superRefine((step, context) => {
    const add = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const written = (['call', 'ownMs', 'parallel'] as const).filter((key) => step[key] !== undefined);
    if (written.length === 0) add([], 'does nothing; write one of call, ownMs or parallel');
    for (const extra of written.slice(1))
      add([extra], `is given beside ${written[0]}; make it a step of its own`);
    for (const key of ['per', 'probability', 'inferences', 'times'] as const)
      if (step[key] !== undefined && step.call === undefined)
        add([key], 'has a meaning only beside call; remove it');
  })
  .meta({
    ...exactlyOne('call', 'ownMs', 'parallel'),
    ...onlyBeside('call', 'per', 'probability', 'inferences', 'times'),
  });

const engineSchema = z.strictObject({
  maxSequences: count(100_000)
    .default(256)
    .describe('Requests in one step, at most (vLLM: max_num_seqs, TensorRT-LLM: max_batch_size).'),
  tokenBudget: count(10_000_000)
    .default(2048)
    .describe(
      'Tokens in one step, at most: of prompts that are read, and one of each answer (vLLM: max_num_batched_tokens, TensorRT-LLM: max_num_tokens).',
    ),
  kvTokens: count(1e12)
    .exactOptional()
    .describe('Tokens that the KV cache of an instance holds. Default: what the profile says.'),
});

export const servedModelSchema = z.strictObject({
  name: name.describe('Name of the model, as tenants use it.'),
  config: z
    .union([filePath, modelConfigFieldsSchema])
    .describe("Path of the model's config.pbtxt, or the same fields inline."),
  profile: name.exactOptional().describe('Model name in the profiles. Default: the name of the model.'),
  pipelined: z
    .boolean()
    .exactOptional()
    .describe(
      'The next batch forms while one infers, as the TensorRT backend does with eager_batching. Default: where the configuration says so.',
    ),
  coldStart: z
    .boolean()
    .exactOptional()
    .describe(
      "Each instance's first execution also pays the profile's firstInferenceMs. Default: no. Of a model with model_warmup its load pays.",
    ),
  loadMs: milliseconds.exactOptional().describe('How long it takes to load. Default: what the profile says.'),
  memoryMb: aboveZero
    .max(1e9, 'is no size')
    .exactOptional()
    .describe(
      'MiB that it needs while it is loaded, where the server has a modelCache. Default: what the profiles say.',
    ),
  responses: responsesSchema.exactOptional(),
  iterations: iterationsSchema.exactOptional(),
  engine: engineSchema
    .exactOptional()
    .describe(
      'A language model whose engine batches by itself, as vLLM and TensorRT-LLM do: Triton hands it every request at once. Its profile has a part engine.',
    ),
  calls: z
    .array(callStepSchema)
    .min(1, 'is empty; leave it out for a model that calls no other')
    .max(1024, 'has too many steps')
    .exactOptional()
    .describe(
      'What an execution does after its own inference while its instance is busy: calls of other models (Triton: BLS) and time of its own. Such a model needs no profile.',
    ),
  overlapping: z
    .boolean()
    .exactOptional()
    .describe(
      'An instance takes further requests while earlier ones wait for their calls: a decoupled model.py with `async def execute`, or one that answers from threads of its own. Default: no.',
    ),
});

const cores = aboveZero.max(100_000, 'is no number of cores');

export const serverSchema = z.strictObject({
  name: name.describe('Name of the server, as tenants and reports use it.'),
  replicas: count(10_000).default(1).describe('Equal servers, named with -1, -2 … when there are several.'),
  machine: machineSchema.exactOptional().describe('What it is rented as. Default: it costs nothing.'),
  cpuCores: cores.exactOptional().describe('Host cores. Default: the host never limits.'),
  backgroundCores: cores
    .exactOptional()
    .describe('Threads of other processes that always compete for the cores, in cores. Default: none.'),
  serverProfile: filePath
    .exactOptional()
    .describe(
      'Server profile file: what was measured of its threads and its host. Default: server.json in the folder of the profiles that it uses.',
    ),
  network: networkSchema.prefault({}).describe('The way between clients and the server.'),
  triton: tritonSchema.prefault({}).describe('The Triton server itself.'),
  devices: z
    .array(deviceSchema)
    .max(1024, 'has too many devices')
    .default([])
    .describe("GPUs, in the order of Triton's ids. Default: none, models run on the host."),
  models: z
    .array(servedModelSchema)
    .describe('Models that it serves; an empty list for a machine that is rented and serves nothing yet.'),
  modelCache: z
    .strictObject({
      memoryMb: aboveZero.max(1e9, 'is no size').describe('MiB for all models that are loaded at once.'),
      loadThreads: count(1024)
        .default(4)
        .describe(
          'Loads under way at once, at most (Triton: --model-load-thread-count; ModelMesh: maxLoadingConcurrency).',
        ),
    })
    .exactOptional()
    .describe(
      'Models are loaded when requests ask for them; the least recently used are unloaded, as ModelMesh and multi-model endpoints do. Default: all are loaded from the start.',
    ),
});

export type MachineSpec = z.output<typeof machineSchema>;
export type PriceItemSpec = z.output<typeof priceItem>;
export type NetworkSpec = z.output<typeof networkSchema>;
export type ServedModelSpec = z.output<typeof servedModelSchema>;
export type ServerSpec = z.output<typeof serverSchema>;
