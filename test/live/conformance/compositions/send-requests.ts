import type { MethodDefinition } from '@grpc/grpc-js';
import { LiveError } from '../../../../src/live/inference-client.js';
import type { Connection } from '../../../../src/live/triton/connection.js';
import {
  ModelInferRequestSchema,
  type ModelInferResponse,
} from '../../../../src/live/triton/generated/grpc_service_pb.js';
import { encode, SERVICE } from '../../../../src/live/triton/service.js';
import { nowMs } from '../heartbeat.js';
import type { Arrival } from './composition-case.js';

export interface Sent {
  /** When its result or error came, after the start. */
  readonly endMs: number;
  /** How late it left. */
  readonly lateMs: number;
  /** Responses of a stream, and when the first came, after the start. */
  readonly responses: number;
  readonly firstMs: number;
  readonly error: LiveError | undefined;
}

/** What is different in each run of a row, so that no run sees what others have left. */
export interface RunNumbers {
  /** Of the names of the models. */
  readonly prefix: string;
  /** Added to contents and sequences. */
  readonly offset: number;
}

/** Takes a request that is encoded already. */
const ENCODED_INFER: MethodDefinition<Uint8Array, ModelInferResponse> = {
  ...SERVICE.modelInfer,
  requestSerialize: (bytes) => Buffer.from(bytes),
  requestDeserialize: (bytes) => bytes,
};

/** Sends requests at their times after `startMs`; resolves when all have an answer. */
export function sendRequests(
  connection: Connection,
  requests: readonly (Arrival & { readonly isStream?: boolean })[],
  startMs: number,
  numbers: RunNumbers,
): Promise<Sent[]> {
  const prepared = requests.map((request, i) => encodeRequest(request, i + 1, numbers));
  return Promise.all(
    requests.map(async ({ atMs, model, isStream }, i) => {
      await new Promise((resolve) => setTimeout(resolve, startMs + atMs - nowMs()));
      const lateMs = nowMs() - startMs - atMs;
      const name = numbers.prefix + model;
      let [responses, firstMs] = [0, Number.NaN];
      const onResponse = () => {
        if (responses++ === 0) firstMs = nowMs() - startMs;
      };
      const error = isStream
        ? await new Promise<LiveError | undefined>((resolve) => {
            connection.inferStream(prepared[i]!, name, resolve, onResponse);
          })
        : await send(connection, prepared[i]!, name);
      return { endMs: nowMs() - startMs, lateMs, error, responses, firstMs };
    }),
  );
}

async function send(
  connection: Connection,
  bytes: Uint8Array,
  model: string,
): Promise<LiveError | undefined> {
  try {
    await connection.call(ENCODED_INFER, bytes, { model });
    return undefined;
  } catch (error) {
    if (error instanceof LiveError) return error;
    throw error;
  }
}

function encodeRequest(request: Arrival, id: number, { prefix, offset }: RunNumbers): Uint8Array {
  const { model, input, size, content, sequence, starts, ends, output } = request;
  // A content of its own where the row gives it none.
  const value = content === 0 ? -(offset + id) : offset + content;
  const isOfSequence = sequence > 0;
  const message = encode(ModelInferRequestSchema, {
    modelName: prefix + model,
    id: String(id),
    inputs: [{ name: input, datatype: 'FP32', shape: [BigInt(size), 1n] }],
    rawInputContents: [new Uint8Array(Float32Array.from({ length: size }, () => value).buffer)],
    parameters: isOfSequence
      ? {
          sequence_id: { parameterChoice: { case: 'int64Param', value: BigInt(offset + sequence) } },
          sequence_start: { parameterChoice: { case: 'boolParam', value: starts } },
          sequence_end: { parameterChoice: { case: 'boolParam', value: ends } },
        }
      : {},
  });
  return output === undefined ? message : Buffer.concat([message, wantedOutput(output)]);
}

/** Field 6 of a ModelInferRequest, `outputs`, with the name of one: perseus itself asks for all, so its schema has no such field. */
function wantedOutput(name: string): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.concat([Buffer.from([0x32, bytes.length + 2, 0x0a, bytes.length]), bytes]);
}
