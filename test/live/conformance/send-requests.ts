import type { MethodDefinition } from '@grpc/grpc-js';
import { type InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { Connection } from '../../../src/live/triton/connection.js';
import type { ModelInferResponse } from '../../../src/live/triton/generated/grpc_service_pb.js';
import { SERVICE } from '../../../src/live/triton/service.js';
import { type Arrival, type ConformanceCase, type Happened, parseArrivals } from './conformance-case.js';
import { gather, type Observed } from './gather.js';
import { Heartbeat, nowMs } from './heartbeat.js';

export interface PunctualRun {
  readonly happened: Happened;
  /** Whether requests left and executions ended on time, and this process was never kept from running for long. */
  readonly wasPunctual: boolean;
}

/** Until the first request, so that all are prepared by then. */
const LEAD_MS = 50;
/** A machine that keeps a thread from running for longer makes another scenario of a row. */
const LATE_MS = 12;

/** Sends the requests of rows, and reads from each answer in which execution it was. */
export class InferenceCalls {
  readonly #client: InferenceClient;
  readonly #connection: Connection;

  constructor(url: string, client: InferenceClient) {
    this.#client = client;
    this.#connection = new Connection({ url });
  }

  close(): void {
    this.#connection.close();
  }

  async run(row: ConformanceCase, model: string): Promise<PunctualRun> {
    await this.#connection.call(SERVICE.serverLive, {});
    const { config } = await this.#client.modelConfig(model);
    const requests = parseArrivals(row.arrives);
    const prepared = requests.map((request) => this.#prepare(request, model, config.maxBatchSize > 0));
    const heart = new Heartbeat();
    const startMs = nowMs() + LEAD_MS;
    const answers = await Promise.all(
      requests.map(async ({ atMs }, i) => {
        const lateMs = await until(startMs + atMs);
        return { lateMs, ...(await this.#send(prepared[i]!, model)), endMs: nowMs() - startMs };
      }),
    );
    const lateMs = [heart.stop(), ...answers.flatMap(delaysOf)];
    return {
      happened: interpret(row, answers, startMs),
      wasPunctual: lateMs.every((late) => late <= LATE_MS),
    };
  }

  #prepare({ size, shape, priority, timeoutMs }: Arrival, model: string, isBatched: boolean): Uint8Array {
    const dims = isBatched ? [size, shape] : [shape];
    const data = new Uint8Array(4 * dims.reduce((product, dim) => product * dim, 1));
    const inputs = [{ name: 'INPUT0', dataType: 'TYPE_FP32', shape: dims, data }];
    return this.#client.prepare({ model, batchSize: size, inputs, priority, timeoutUs: timeoutMs * 1000 })
      .bytes;
  }

  /** As the client of perseus sends it; but the answer is decoded. */
  async #send(bytes: Uint8Array, model: string): Promise<Answer> {
    try {
      return { response: await this.#connection.call(ENCODED_INFER, bytes, { model }) };
    } catch (error) {
      if (error instanceof LiveError) return { error };
      throw error;
    }
  }
}

/** Takes a request that is encoded already. */
const ENCODED_INFER: MethodDefinition<Uint8Array, ModelInferResponse> = {
  ...SERVICE.modelInfer,
  requestSerialize: (bytes) => Buffer.from(bytes),
  requestDeserialize: (bytes) => bytes,
};

type Answer = { readonly response: ModelInferResponse } | { readonly error: LiveError };

/** When a request left, after its time, and when its answer came, after the start of the row. */
type TimedAnswer = Answer & { readonly lateMs: number; readonly endMs: number };

function delaysOf(answer: TimedAnswer): number[] {
  return 'response' in answer ? [answer.lateMs, executionOf(answer.response).lateMs] : [answer.lateMs];
}

function interpret(row: ConformanceCase, answers: readonly TimedAnswer[], startMs: number): Happened {
  const observed = { started: [], refused: [], expired: [], answered: [] } as Mutable<Observed>;
  for (const [i, answer] of answers.entries()) {
    const moment = { request: i + 1, atMs: answer.endMs };
    if ('response' in answer) {
      const { id, beganMs } = executionOf(answer.response);
      observed.started.push({ request: i + 1, execution: id, atMs: beganMs - startMs });
      observed.answered.push(moment);
    } else if (answer.error.kind === 'queueFull') observed.refused.push(moment);
    else if (answer.error.kind === 'queueTimeout') observed.expired.push(moment);
    else throw new Error(`"${row.rule}", request ${i + 1}: ${answer.error.message}`);
  }
  return gather(observed);
}

type Mutable<Lists> = { [Name in keyof Lists]: Lists[Name] extends readonly (infer Item)[] ? Item[] : never };

/** What the output EXECUTION of `model.py` says. */
function executionOf({ rawOutputContents }: ModelInferResponse) {
  const numbers = Buffer.from(rawOutputContents[0]!);
  const beganNs = numbers.readBigInt64LE(0);
  return { id: beganNs, beganMs: Number(beganNs) / 1e6, lateMs: Number(numbers.readBigInt64LE(8)) / 1e6 };
}

/** Resolves at that time; with how late that is. */
async function until(atMs: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, atMs - nowMs()));
  return nowMs() - atMs;
}
