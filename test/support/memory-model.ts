import { create } from '@bufbuild/protobuf';
import {
  InferBatchStatisticsSchema,
  type ModelInferRequest,
  type ModelStatistics,
  ModelStatisticsSchema,
} from '../../src/live/triton/generated/grpc_service_pb.js';
import type { ModelConfig } from '../../src/live/triton/generated/model_config_pb.js';
import type { MemoryModel } from './memory-triton.js';

interface Waiting {
  readonly batchSize: number;
  readonly arrivedMs: number;
  readonly done: (outcome: Outcome) => void;
}

export type Outcome = 'done' | 'queueFull' | 'gone';

/** A loaded model: a queue, some instances and the statistics Triton keeps. */
export class RunningModel {
  readonly config: ModelConfig;
  readonly #behaviour: () => MemoryModel;
  readonly #queue: Waiting[] = [];
  /** Executions that have ended, and how many readings lack them yet. */
  #uncounted: { readonly count: () => void; readonly readings: number }[] = [];
  #busy = 0;
  #statistics: ModelStatistics;

  constructor(behaviour: () => MemoryModel, config: ModelConfig) {
    this.config = config;
    this.#behaviour = behaviour;
    this.#statistics = emptyStatistics(config.name);
  }

  /** The statistics as they stand: a copy. What is behind by some readings is one reading nearer then. */
  statistics(): ModelStatistics {
    const read = structuredClone(this.#statistics);
    const behind = this.#uncounted.map(({ count, readings }) => ({ count, readings: readings - 1 }));
    for (const { count } of behind.filter(({ readings }) => readings === 0)) count();
    this.#uncounted = behind.filter(({ readings }) => readings > 0);
    return read;
  }

  async infer(request: ModelInferRequest): Promise<Outcome> {
    const batchSize = this.config.maxBatchSize > 0 ? Number(request.inputs[0]?.shape[0] ?? 1n) : 1;
    await after(this.#behaviour().delayMs?.(batchSize) ?? 0);
    const { maxQueueSize } = this.#behaviour();
    if (maxQueueSize !== undefined && this.#queue.length >= maxQueueSize && this.#isFull())
      return 'queueFull';
    return new Promise((done) => {
      this.#queue.push({ batchSize, arrivedMs: performance.now(), done });
      this.#pickUp();
    });
  }

  countFailure(): void {
    const fail = this.#statistics.inferenceStats!.fail!;
    fail.count += 1n;
    fail.ns += 1000n;
  }

  #isFull(): boolean {
    return this.#busy >= (this.#behaviour().instances ?? 1);
  }

  #pickUp(): void {
    while (!this.#isFull() && this.#queue.length > 0) {
      this.#busy++;
      void this.#execute(this.#queue.shift()!);
    }
  }

  async #execute(waiting: Waiting): Promise<void> {
    const startMs = performance.now();
    await after(this.#behaviour().serviceMs?.(waiting.batchSize) ?? 0);
    const endMs = performance.now();
    this.#busy--;
    waiting.done('done');
    const count = () => this.#count(waiting, startMs, endMs);
    const readings = this.#behaviour().readingsBehind ?? 0;
    if (readings === 0) count();
    else this.#uncounted.push({ count, readings });
    this.#pickUp();
  }

  #count({ batchSize, arrivedMs }: Waiting, startMs: number, endMs: number): void {
    const statistics = this.#statistics;
    const sums = statistics.inferenceStats!;
    const inferNs = nanoseconds(endMs - startMs);
    statistics.inferenceCount += BigInt(batchSize);
    statistics.executionCount += 1n;
    add(sums.success!, nanoseconds(endMs - arrivedMs));
    add(sums.queue!, nanoseconds(startMs - arrivedMs));
    for (const target of [sums, this.#batch(batchSize)]) {
      add(target.computeInput!, 0n);
      add(target.computeInfer!, inferNs);
      add(target.computeOutput!, 0n);
    }
  }

  #batch(batchSize: number): ModelStatistics['batchStats'][number] {
    const batches = this.#statistics.batchStats;
    const found = batches.find((batch) => batch.batchSize === BigInt(batchSize));
    if (found !== undefined) return found;
    const fresh = create(InferBatchStatisticsSchema, {
      batchSize: BigInt(batchSize),
      computeInput: zero(),
      computeInfer: zero(),
      computeOutput: zero(),
    });
    batches.push(fresh);
    return fresh;
  }
}

function emptyStatistics(name: string): ModelStatistics {
  return create(ModelStatisticsSchema, {
    name,
    version: '1',
    inferenceStats: {
      success: zero(),
      fail: zero(),
      queue: zero(),
      computeInput: zero(),
      computeInfer: zero(),
      computeOutput: zero(),
    },
  });
}

const zero = () => ({ count: 0n, ns: 0n });

function add(sum: { count: bigint; ns: bigint }, ns: bigint): void {
  sum.count += 1n;
  sum.ns += ns;
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** Resolves after that time; at once for nothing. */
function after(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}
