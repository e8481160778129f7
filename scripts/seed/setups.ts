import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseDocumentWith } from '../../src/base/document.js';
import { InputError } from '../../src/base/problem.js';

const count = z.int().min(1);
const positive = z.number().positive();

const client = z.strictObject({
  model: z.string(),
  /** Index of the GPU that serves it. */
  gpu: z.int().min(0),
  /** When it starts, seconds after the first client. */
  startS: z.number().min(0),
});

const test = z.strictObject({
  test: count,
  /** What the test is there for: constants are fitted on it, or it is predicted. */
  role: z.enum(['fit', 'predict']),
  /** Whether its latency can be told: only batches of 8 were calibrated. */
  latency: z.enum(['predicted', 'extrapolated']),
  clients: z.array(client).min(1),
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

const setups = z.strictObject({
  client: z.strictObject({ maxInFlight: count, dispatchMs: z.number().min(0), evidence: z.string() }),
  host: z.strictObject({
    vcpus: count,
    /** Threads that run at full speed at once; beyond, all slow down alike. */
    threadsAtFullSpeed: positive,
    /** Of these, taken by other processes all the time. */
    backgroundThreads: z.number().min(0),
    evidence: z.string(),
  }),
  gpuSharing: z.strictObject({ convolutionLayers: z.record(z.string(), count), evidence: z.string() }),
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

/** Reads `setups.json` of a folder. */
export function readSetups(folder: string): Setups {
  const file = `${folder}/setups.json`;
  const { value, problems } = parseDocumentWith(setups, readFileSync(file, 'utf8'), { file });
  if (value === undefined) throw new InputError(problems);
  return value;
}
