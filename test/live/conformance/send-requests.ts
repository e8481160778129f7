import type { InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { LaneStreams } from '../../../src/live/load/lane-streams.js';
import { ModelInferRequestSchema } from '../../../src/live/triton/generated/grpc_service_pb.js';
import { encode } from '../../../src/live/triton/service.js';
import { inputName } from './config-text.js';
import { nowMs } from './heartbeat.js';
import { type Arrival, isStreaming, type Row } from './row.js';

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

/** Sends requests at their times after `startMs`; resolves when all have an answer. */
export function sendRequests(
  client: InferenceClient,
  { models, sharedStreams }: Pick<Row, 'models' | 'sharedStreams'>,
  requests: readonly Arrival[],
  startMs: number,
  numbers: RunNumbers,
): Promise<Sent[]> {
  const streams = sharedStreams === undefined ? undefined : new LaneStreams(sharedStreams);
  const prepared = requests.map((request, i) => prepare(client, models, request, { id: i + 1, ...numbers }));
  const sent = Promise.all(
    requests.map(async ({ atMs }, i) => {
      await new Promise((resolve) => setTimeout(resolve, startMs + atMs - nowMs()));
      const lateMs = nowMs() - startMs - atMs;
      let [responses, firstMs] = [0, Number.NaN];
      const onResponse = () => {
        if (responses++ === 0) firstMs = nowMs() - startMs;
      };
      const error = await new Promise<LiveError | undefined>((resolve) => {
        if (streams !== undefined) streams.send(client, prepared[i]!, requests[i]!.sequence, resolve);
        else client.send(prepared[i]!, resolve, onResponse);
      });
      return { endMs: nowMs() - startMs, lateMs, error, responses, firstMs };
    }),
  );
  return sent.finally(() => streams?.close());
}

/** As the client of perseus sends it, with a number that its executions can be told by. */
function prepare(
  client: InferenceClient,
  models: Row['models'],
  request: Arrival,
  { id, prefix, offset }: RunNumbers & { readonly id: number },
) {
  const { model, size, shape, content, sequence, starts, ends, output, priority, timeoutMs } = request;
  const of = models[model]!;
  // A content of its own where the row gives it none.
  const value = content === 0 ? -(offset + id) : offset + content;
  const dims = of.config?.includes('max_batch_size: 0') ? [shape] : [size, shape];
  const data = new Uint8Array(Float32Array.from({ length: size * shape }, () => value).buffer);
  const prepared = client.prepare({
    ...{ model: prefix + model, batchSize: size, priority, timeoutUs: timeoutMs * 1000 },
    inputs: [{ name: inputName(of), dataType: 'FP32', shape: dims, data }],
    ...(output !== undefined && { outputs: [{ name: output }] }),
    isStream: isStreaming(models, model),
  });
  const bytes = Buffer.concat([prepared.bytes, encode(ModelInferRequestSchema, { id: String(id) })]);
  const mark = sequence === 0 ? {} : { sequence: { id: offset + sequence, starts, ends } };
  return client.mark({ ...prepared, bytes }, mark);
}
