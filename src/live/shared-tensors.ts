import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/problem.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { hasFixedSize, leastBytes } from '../scenario/tensor-bytes.js';
import { oneLine } from './errors.js';
import {
  type InferenceClient,
  type InferRequest,
  LiveError,
  type MemoryPlace,
  wrapped,
} from './inference-client.js';
import { type InputsOf, requestTo } from './model-inputs.js';

/** What is sent to which server. */
export interface Sharing {
  /** Where the user asked for shared memory. */
  readonly path: string;
  readonly client: InferenceClient;
  /** Of the model that is asked. */
  readonly config: ModelConfig;
  /** One for each batch size. */
  readonly requests: readonly InferRequest[];
}

/** Requests whose tensors the server has in a region of its own host's memory. */
export interface SharedTensors {
  readonly requests: readonly InferRequest[];
  /** Makes the server forget the region; never rejects with a {@link LiveError}: the server may be gone. */
  release(): Promise<void>;
}

/** Where POSIX shared memory lies on Linux. */
const FOLDER = '/dev/shm';
/** Of a cache line: what a model reads is as well placed as in memory of its own. */
const ALIGNMENT_BYTES = 64;
const NO_MEMORY = 'do without shared memory, or work on the Linux machine of the server';
const NOT_SHARED =
  'play on the machine of the server, as its user, and in its IPC namespace (docker run --ipc=host); Triton 26.05 and later needs --allow-client-shm=true; or do without shared memory';

/**
 * Writes the inputs of requests into a file of shared memory and registers it with its server. Outputs have room there
 * too where the configuration tells their size. The file is removed as soon as the server has mapped it, so that no end of
 * this process leaves it behind.
 * @throws InputError where there is no shared memory, or too little; LiveError where the server cannot use it
 */
export async function shareTensors(sharing: Sharing, folder = FOLDER): Promise<SharedTensors> {
  const { path, client, requests } = sharing;
  const region = `perseus-tensors-${randomUUID()}`;
  const layout = new Layout(region);
  const placed = requests.map((request) => placeTensors(request, sharing.config, layout));
  const file = join(folder, region);
  const remove = () => rmSync(file, { force: true });
  process.once('exit', remove);
  try {
    await writeInputs(file, layout.bytes, placed).catch((error: unknown) => {
      const what = existsSync(folder)
        ? `cannot write to ${folder} (${oneLine(error)})`
        : `there is no ${folder}`;
      throw InputError.of(what, NO_MEMORY, { path });
    });
    await client.registerMemory(region, layout.bytes).catch((error: unknown) => {
      if (!(error instanceof LiveError) || NO_ANSWER.has(error.kind)) throw error;
      throw new LiveError('refused', error.message, NOT_SHARED);
    });
  } finally {
    remove();
    process.off('exit', remove);
  }
  return { requests: placed, release: () => forget(client, region) };
}

const NO_ANSWER: ReadonlySet<string> = new Set(['unreachable', 'tls', 'deadline', 'lost']);
/**
 * Triton answers a request a little before it lets go of the region, and refuses to forget one that is in use: on a real 24.10 one
 * of ten calls right after an answer. Asked for a second, which only an execution that goes on outlasts.
 */
const IN_USE = { attempts: 20, everyMs: 50 } as const;

async function forget(client: InferenceClient, region: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.unregisterMemory(region);
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      if (!/in use/.test(error.message) || attempt === IN_USE.attempts) return;
      await new Promise((resolve) => setTimeout(resolve, IN_USE.everyMs));
    }
  }
}

/** Places in a region, one after the other. */
class Layout {
  bytes = 0;
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  take(bytes: number): MemoryPlace {
    const offset = Math.ceil(this.bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    this.bytes = offset + bytes;
    return { region: this.#region, offset, bytes };
  }
}

/** Requests under way at once write their outputs to the same place: nobody reads them. */
function placeTensors(request: InferRequest, config: ModelConfig, layout: Layout): InferRequest {
  const inferences = config.maxBatchSize > 0 ? request.batchSize : 1;
  const asked = request.outputs?.map(({ name }) => name);
  return {
    ...request,
    inputs: request.inputs.map((input) => ({ ...input, place: layout.take(input.data.length) })),
    outputs: config.outputs
      .filter(({ name }) => asked?.includes(name) ?? true)
      .map((output) => ({
        name: output.name,
        ...(hasFixedSize(output) && { place: layout.take(leastBytes(output) * inferences) }),
      })),
  };
}

/** Nobody else's file: it is new, and only this user reads it. Places for outputs hold zeros: a lack of memory shows now. */
async function writeInputs(file: string, bytes: number, requests: readonly InferRequest[]): Promise<void> {
  const content = new Uint8Array(bytes);
  for (const { data, place } of requests.flatMap(({ inputs }) => inputs)) content.set(data, place!.offset);
  await writeFile(file, content, { flag: 'wx', mode: 0o600 });
}

/** A client whose requests have their tensors in shared memory, until `release`. */
export interface SharingClient extends Pick<SharedTensors, 'release'> {
  readonly client: InferenceClient;
}

/**
 * Places the largest request of each model; a smaller one, which begins with the same inferences, has the first part of its places.
 * @param path option that asks for it
 * @throws InputError where there is no shared memory, or too little; LiveError where the server cannot use it
 */
export async function inSharedMemory(
  client: InferenceClient,
  models: readonly { readonly config: ModelConfig; readonly largestBatch: number }[],
  { inputs, path }: { readonly inputs: InputsOf; readonly path: string },
): Promise<SharingClient> {
  const shared: SharedTensors[] = [];
  const release = async () => {
    for (const each of shared) await each.release();
  };
  try {
    for (const { config, largestBatch } of models) {
      const requests = [requestTo(config, largestBatch, inputs)];
      shared.push(await shareTensors({ path, client, config, requests }));
    }
  } catch (error) {
    await release();
    throw error;
  }
  const largest = new Map(shared.flatMap(({ requests }) => requests.map((each) => [each.model, each])));
  return {
    client: wrapped(client, {
      prepare: (request) => client.prepare(beginningOf(largest.get(request.model)!, request)),
    }),
    release,
  };
}

function beginningOf(largest: InferRequest, request: InferRequest): InferRequest {
  const first = (place: MemoryPlace, bytes: number) => ({ ...place, bytes });
  const share = request.batchSize / largest.batchSize;
  return {
    ...request,
    inputs: request.inputs.map((input, i) => ({
      ...input,
      place: first(largest.inputs[i]!.place!, input.data.length),
    })),
    outputs: largest.outputs!.map(({ name, place }) => ({
      name,
      ...(place !== undefined && { place: first(place, place.bytes * share) }),
    })),
  };
}
