import { doubled } from '../../containers/doubled.js';
import type { BatchingRules } from '../batching.js';
import { ModelQueue } from '../model-queue.js';
import { ModelServer } from '../model-server.js';
import type { Limiter, ThreadTimes } from '../server-parts.js';
import type { Slot } from './sequence-slots.js';

/** What an oldest batcher is made of. */
export interface OldestOptions {
  readonly slots: readonly Slot[];
  readonly rules: BatchingRules | undefined;
  readonly threads: ThreadTimes;
  /** The rate limiter, of which it is one instance. */
  readonly limiter: Limiter | undefined;
  /** Shape classes of the requests by position in the model's queue, if they differ; asked anew each time: columns grow. */
  readonly shapes: () => ArrayLike<number> | undefined;
  readonly isEnd: (position: number) => boolean;
  readonly release: (slot: Slot) => void;
  /** Those positions are executed together. */
  readonly start: (positions: Int32Array, batch: number, nowNs: number) => void;
}

/** One instance of an oldest batcher: a dynamic batcher of its own (sequence_batch_scheduler.cc:1957-2104). */
export class OldestBatcher {
  readonly server: ModelServer;
  readonly limiter: Limiter | undefined;
  readonly #options: OldestOptions;
  readonly #queue: ModelQueue;
  /** Positions in the model's queue of what it was handed, and the numbers of their slots. */
  #handed = new Int32Array(1024);
  #slots = new Int32Array(1024);
  /** What its execution under way has. */
  #from = 0;
  #to = 0;

  constructor(options: OldestOptions) {
    const { rules, threads, limiter } = options;
    this.#options = options;
    this.limiter = limiter;
    this.#queue = new ModelQueue({
      queuedNs: new Float64Array(64),
      shapes: options.shapes() && new Uint16Array(64),
      count: 0,
    });
    this.server = new ModelServer(
      this.#queue,
      {
        start: (_, from, to, batch, nowNs) => {
          this.#from = from;
          this.#to = to;
          options.start(this.#handed.subarray(from, to), batch, nowNs);
          return Infinity;
        },
      },
      { rules, instances: 1, ...threads, pushed: true, limiter, namesInstance: true },
    );
  }

  /** The first request of a slot goes to the batcher, unless another of the sequence is in a batch. */
  handOver(slot: Slot, nowNs: number): void {
    if (slot.isInFlight || slot.requests.length === 0) return;
    const { shapes, isEnd, release } = this.#options;
    const position = firstOf(slot.requests);
    if (position === -1) {
      release(slot);
      return this.handOver(slot, nowNs);
    }
    slot.isInFlight = true;
    const index = this.#queue.count;
    if (index === this.#handed.length) {
      this.#handed = doubled(this.#handed);
      this.#slots = doubled(this.#slots);
    }
    this.#handed[index] = position;
    this.#slots[index] = slot.number;
    this.#queue.push(nowNs, 1, shapes()?.[position] ?? 0);
    // What comes next in the slot waits until this one is out of its batch.
    if (isEnd(position)) release(slot);
    this.server.pushedAt(nowNs);
  }

  executionEnded(nowNs: number): void {
    const { slots } = this.#options;
    for (let i = this.#from; i < this.#to; i++) slots[this.#slots[i]!]!.isInFlight = false;
    // The end decides when the batcher runs; what is handed over now is there then.
    this.server.executionEnded(0, nowNs);
    for (let i = this.#from; i < this.#to; i++) this.handOver(slots[this.#slots[i]!]!, nowNs);
  }
}

/** Takes it out. Most slots have a single request, which is quicker taken from the end. */
function firstOf(requests: number[]): number {
  return (requests.length === 1 ? requests.pop() : requests.shift())!;
}
