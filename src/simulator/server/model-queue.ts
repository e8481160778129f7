import { doubled } from '../containers/doubled.js';

/**
 * Requests on their way into one model, in order of admission: columns of all of
 * them. `admitted` requests have arrived; `head` of those have been taken by the batcher.
 *
 * Known arrivals are all there to begin with; requests that the event loop brings are pushed one by one.
 */
export class ModelQueue {
  /**
   * Since when each request waits, nanoseconds, never decreasing but where a response cache was asked first: that of
   * Triton's batcher begins before its key is made (dynamic_batch_scheduler.cc:194-238, r24.10).
   */
  queuedNs: Float64Array;
  /** Inferences of each request; undefined = all 1. */
  sizes: Uint16Array | undefined;
  /** Shape class of each request; undefined = all equal. */
  shapes: Uint16Array | undefined;
  /** Requests in the columns. */
  count: number;
  /** Requests of these that have arrived. */
  admitted = 0;
  /** Requests of these that the batcher has taken; the rest waits. */
  head = 0;
  /** Inferences waiting; kept up only when sizes differ. */
  #waitingInferences = 0;

  constructor(columns: QueueColumns) {
    this.queuedNs = columns.queuedNs;
    this.sizes = columns.sizes;
    this.shapes = columns.shapes;
    this.count = columns.count ?? columns.queuedNs.length;
  }

  /** Whether all requests are known, of one inference, and in columns that are just as long. */
  get isPlain(): boolean {
    return this.sizes === undefined && this.count === this.queuedNs.length;
  }

  /** Requests waiting. */
  get waiting(): number {
    return this.admitted - this.head;
  }

  /** Inferences waiting. */
  get waitingInferences(): number {
    return this.sizes === undefined ? this.admitted - this.head : this.#waitingInferences;
  }

  /** When the next request arrives; Infinity when none is known. */
  nextArrivalNs(): number {
    return this.admitted < this.count ? this.queuedNs[this.admitted]! : Infinity;
  }

  /** Lets in everything that arrives until `nowNs`, itself included. */
  admitUntil(nowNs: number): void {
    const queuedNs = this.queuedNs;
    const count = this.count;
    let admitted = this.admitted;
    if (this.sizes === undefined) {
      while (admitted < count && queuedNs[admitted]! <= nowNs) admitted++;
    } else {
      while (admitted < count && queuedNs[admitted]! <= nowNs)
        this.#waitingInferences += this.sizes[admitted++]!;
    }
    this.admitted = admitted;
  }

  /** The batcher takes the first `requests` waiting, `inferences` in all. */
  take(requests: number, inferences: number): void {
    this.head += requests;
    this.#waitingInferences -= inferences;
  }

  /** Since when the oldest of `requests` waits, of which the first is at `from`. */
  oldestNs(from: number, requests: number): number {
    let oldestNs = this.queuedNs[from]!;
    if (this.sizes === undefined) return oldestNs;
    for (let i = 1; i < requests; i++) oldestNs = Math.min(oldestNs, this.queuedNs[from + i]!);
    return oldestNs;
  }

  /** Appends one request that arrives now, or earlier where a cache was asked first. */
  push(sinceNs: number, size: number, shape: number): void {
    if (this.count === this.queuedNs.length) this.#grow();
    this.queuedNs[this.count] = sinceNs;
    if (this.sizes !== undefined) this.sizes[this.count] = size;
    if (this.shapes !== undefined) this.shapes[this.count] = shape;
    this.count++;
  }

  #grow(): void {
    this.queuedNs = doubled(this.queuedNs);
    if (this.sizes !== undefined) this.sizes = doubled(this.sizes);
    if (this.shapes !== undefined) this.shapes = doubled(this.shapes);
  }
}

export interface QueueColumns {
  readonly queuedNs: Float64Array;
  readonly sizes?: Uint16Array | undefined;
  readonly shapes?: Uint16Array | undefined;
  /** Rows in use; default: all. */
  readonly count?: number;
}
