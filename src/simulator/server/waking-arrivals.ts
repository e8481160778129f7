import type { BatcherThread } from './batcher-thread.js';
import type { ModelQueue } from './model-queue.js';
import type { PayloadBuilder } from './payload-builder.js';
import type { PayloadSlots } from './payload-slots.js';
import type { ServerParts } from './server-parts.js';

/** Which arrivals wake the batcher thread of a model. The others are let in later, all at once. */
export class WakingArrivals {
  readonly #queue: ModelQueue;
  readonly #builder: PayloadBuilder;
  readonly #slots: PayloadSlots;
  readonly #batcher: BatcherThread;
  /**
   * Whether each arrival wakes it: where shapes vary. With fixed ones it sleeps on until the preferred size it
   * waits for can be reached, or until it looks around.
   */
  readonly #wokenByAll: boolean;
  /** Whether all arrivals are known before the run, so that none is pushed. */
  readonly #known: boolean;

  constructor(parts: ServerParts, options: { readonly wokenByAll: boolean; readonly known: boolean }) {
    this.#queue = parts.queue;
    this.#builder = parts.builder;
    this.#slots = parts.slots;
    this.#batcher = parts.batcher;
    this.#wokenByAll = options.wokenByAll;
    this.#known = options.known;
  }

  /** Whether what has just come in wakes it. */
  wakesBatcher(): boolean {
    const { length, growing, countedInferences } = this.#builder;
    if (!this.#slots.isFreeBeside(length)) return false;
    return this.#wokenByAll || growing.finished || countedInferences >= growing.nextPreferred;
  }

  /** Whether a batcher that was signalled would find nothing to do at its next round. */
  findsNothing(): boolean {
    const queue = this.#queue;
    return (
      this.#known &&
      queue.admitted === queue.head &&
      (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! > this.#batcher.nextNs)
    );
  }

  /**
   * The next arrival that would signal the sleeping batcher; Infinity: none. Only the end of a sleep that
   * began with an empty queue must be set for those that would not.
   */
  nextNs(nowNs: number): number {
    const queue = this.#queue;
    if (!this.#slots.isFreeBeside(this.#builder.length)) {
      // A sleep that began with an empty queue ends at a multiple of the sleep time once something waits.
      if (queue.admitted < queue.count) this.#batcher.pollTimeoutAfter(queue.queuedNs[queue.head]!);
      return Infinity;
    }
    // What came while no slot was free did not signal: it is let in without a second look.
    this.#builder.admitUntil(nowNs);
    if (queue.admitted === queue.count) return Infinity;
    const { growing, isUnit } = this.#builder;
    const { nextPreferred, finished } = growing;
    if (!isUnit || nextPreferred <= 1 || finished) return queue.queuedNs[queue.admitted]!;
    this.#batcher.pollTimeoutAfter(queue.queuedNs[queue.head]!);
    const reached = queue.head + nextPreferred - 1;
    // Those at the end of what is known are let in one by one: more may be known then.
    return queue.queuedNs[reached < queue.count ? Math.max(reached, queue.admitted) : queue.admitted]!;
  }
}
