import type { PendingRequests } from './batching.js';
import type { ModelQueue } from './model-queue.js';

/** What waits in a queue without policies, as the batcher sees it. */
export class WaitingView implements PendingRequests {
  readonly #queue: ModelQueue;

  constructor(queue: ModelQueue) {
    this.#queue = queue;
  }

  has(index: number): boolean {
    return index < this.#queue.admitted - this.#queue.head;
  }

  sizeAt(index: number): number {
    return this.#queue.sizes?.[this.#queue.head + index] ?? 1;
  }

  shapeAt(index: number): number {
    return this.#queue.shapes?.[this.#queue.head + index] ?? 0;
  }

  queuedNsAt(index: number): number {
    return this.#queue.queuedNs[this.#queue.head + index]!;
  }
}
