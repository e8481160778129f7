import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseDocumentWith } from '../../src/base/document.js';
import { InputError } from '../../src/base/problem.js';

const count = z.int().min(1);
const positive = z.number().positive();

const gpuIndex = z.int().min(0);

const client = z
  .strictObject({
    model: z.string(),
    /** Index of the GPU that serves it, or of each that does. */
    gpu: gpuIndex.optional(),
    gpus: z.array(gpuIndex).min(1).optional(),
    /** When it starts, seconds after the first client. */
    startS: z.number().min(0),
  })
  .refine(({ gpu, gpus }) => (gpu === undefined) !== (gpus === undefined), {
    error: 'a client has either gpu or gpus',
  })
  .transform(({ gpu, gpus, ...rest }) => ({ ...rest, gpus: gpus ?? [gpu!] }));

const host = z.strictObject({
  vcpus: count,
  /** Threads that run at full speed at once; beyond, all slow down alike. */
  threadsAtFullSpeed: positive,
  /** Of these, taken by other processes all the time. */
  backgroundThreads: z.number().min(0),
  evidence: z.string(),
});

const test = z.strictObject({
  test: count,
  /** What the test is there for: constants are fitted on it, or it is predicted. */
  role: z.enum(['fit', 'predict']),
  /** Whether its latency can be told: only batches of 8 were calibrated. */
  latency: z.enum(['predicted', 'extrapolated']),
  clients: z.array(client).min(1),
  /** Kind of the GPUs. Default: that of the tests that constants are fitted on. */
  gpuKind: z.string().optional(),
  /** One of `hosts`. Default: that of a figure with as many GPUs for each client, or else `host`. */
  host: z.string().optional(),
  /** On each GPU of each client. */
  instances: count,
  preferredBatchSizes: z.array(count).min(1),
  maxQueueDelayMs: positive,
  /** One way. */
  networkDelayMs: z.number().min(0),
  /** Payload that the path to the server carries at most, where it is the bottleneck. */
  linkBytesPerMs: positive.optional(),
  /** Passes at the beginning that find the server cold; they are not predicted. */
  coldPasses: count.optional(),
  evidence: z.string(),
});

/** A line of the figure of frontiers: both models on each of so many GPUs. */
const figure = z.strictObject({
  gpu: z.string(),
  gpus: count,
  /** One of `hosts`. Default: `host`. */
  host: z.string().optional(),
  evidence: z.string(),
});

const setups = z.strictObject({
  client: z.strictObject({ maxInFlight: count, dispatchMs: z.number().min(0), evidence: z.string() }),
  host,
  /** Further hosts. How many threads run at full speed is fitted to the single-tenant peaks that were measured on them. */
  hosts: z.record(z.string(), host.omit({ threadsAtFullSpeed: true })).optional(),
  figures: z.array(figure).optional(),
  /** Of earlier files; shares of a GPU follow from no layers any more. */
  gpuSharing: z.unknown().optional(),
  models: z.record(
    z.string(),
    z.strictObject({
      requestBytes: positive,
      responseBytes: positive,
      backend: z.string(),
      memoryMb: z.number().min(0).optional(),
      firstInferenceMs: z.number().min(0).optional(),
      evidence: z.string(),
    }),
  ),
  tests: z.array(test).min(1),
});

/** How the seed's tests were set up: what is known or assumed besides the constants that are fitted. */
export type Setups = z.infer<typeof setups>;
export type TestSetup = Setups['tests'][number];
export type FigureSetup = NonNullable<Setups['figures']>[number];
export type Host = Setups['host'];

/** Reads `setups.json` of a folder. */
export function readSetups(folder: string): Setups {
  const file = `${folder}/setups.json`;
  const { value, problems } = parseDocumentWith(setups, readFileSync(file, 'utf8'), { file });
  if (value === undefined) throw new InputError(problems);
  return value;
}
