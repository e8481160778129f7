import { BATCHER_SLEEP_NS, type BatcherThread } from './batcher-thread.js';
import type { InstanceThreads } from './instance-threads.js';
import type { ModelQueue } from './model-queue.js';
import type { PayloadBuilder } from './payload-builder.js';
import type { PayloadSlots } from './payload-slots.js';
import type { ServerParts } from './server-parts.js';

/**
 * The steps of a `ModelServer` in the plain configuration: no delay, no preferred size but the maximum, requests
 * of one inference, all arrivals known. Here several events can only follow one another, and are one step;
 * none reaches `limitNs`, before which nothing happens outside of the server.
 */
export class PlainSteps {
  /** From an arrival that finds everything asleep until an idle instance has the request. */
  readonly idleToPickUpNs: number;
  readonly #maxBatchSize: number;
  readonly #queue: ModelQueue;
  readonly #builder: PayloadBuilder;
  readonly #slots: PayloadSlots;
  readonly #batcher: BatcherThread;
  readonly #instances: InstanceThreads;

  constructor(parts: ServerParts, maxBatchSize: number) {
    this.#queue = parts.queue;
    this.#builder = parts.builder;
    this.#slots = parts.slots;
    this.#batcher = parts.batcher;
    this.#instances = parts.instances;
    this.#maxBatchSize = maxBatchSize;
    this.idleToPickUpNs = parts.batcher.wakeNs + parts.instances.wakeNs;
  }

  /** A round of the batcher: takes all that waits, as far as slots go. */
  runBatcher(nowNs: number): void {
    const begun = this.#builder.topUp(this.#slots.most);
    for (let i = 0; i < begun; i++) {
      this.#slots.payloadBegun();
      this.#instances.wakeOne(nowNs);
    }
    this.#batcher.sleep(nowNs, this.#queue.waiting > 0 ? nowNs + BATCHER_SLEEP_NS : Infinity);
  }

  /**
   * Every signal while all instances are busy only tops up the waiting payloads. These rounds of the batcher
   * are run here one after the other, up to the next event of an instance.
   */
  growWhileBusy(limitNs: number): void {
    const queue = this.#queue;
    const builder = this.#builder;
    const { wakeNs } = this.#batcher;
    const { firstFreeNs, nextPickUpNs } = this.#instances;
    const endNs = Math.min(firstFreeNs, nextPickUpNs, this.#batcher.nextNs, limitNs) - wakeNs;
    if (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! >= endNs) return;
    const capacity = builder.roomBeforeLast(this.#slots.most);
    let roundNs = -1;
    // Rounds that only take what has come can be one; the last payload grows no more while there is no slot beside it.
    while (queue.admitted < queue.count && queue.admitted - queue.head < capacity) {
      const arrivalNs = queue.queuedNs[queue.admitted]!;
      if (arrivalNs >= endNs) break;
      roundNs = arrivalNs + wakeNs;
      builder.admitUntil(roundNs);
    }
    if (roundNs >= 0) this.runBatcher(roundNs);
  }

  /**
   * A request finds everything asleep: the batcher wakes, takes what has come, and an idle instance picks it up
   * {@link idleToPickUpNs} later.
   * @returns how many requests it picks up; 0 where something else might happen meanwhile, and nothing is done
   */
  takeFromIdle(nowNs: number, limitNs: number): number {
    const batcher = this.#batcher;
    const instances = this.#instances;
    const { growing, length } = this.#builder;
    if (instances.idleCount === 0 || length > 0 || batcher.nextNs !== Infinity) return 0;
    const queue = this.#queue;
    const { queuedNs, count, head } = queue;
    if (queue.admitted !== head) return 0;
    const roundNs = nowNs + batcher.wakeNs;
    const pickUpNs = nowNs + this.idleToPickUpNs;
    if (pickUpNs >= limitNs || pickUpNs >= instances.firstFreeNs || pickUpNs >= instances.nextPickUpNs)
      return 0;
    const last = head + this.#maxBatchSize - 1;
    if (last >= count || queuedNs[last]! <= roundNs) return 0;
    let to = head + 1;
    while (queuedNs[to]! <= roundNs) to++;
    if (queuedNs[to]! + batcher.awakeNs <= pickUpNs) return 0;
    growing.begin();
    growing.freeze();
    queue.admitted = to;
    queue.head = to;
    this.#slots.payloadBegun();
    batcher.sleep(roundNs, Infinity);
    if (queuedNs[to]! <= pickUpNs) batcher.signal(queuedNs[to]!, batcher.awakeNs);
    else batcher.signal(pickUpNs);
    return to - head;
  }

  /** Whether the pick-up just set is the very next event: until then no batcher round, no other end, no other pick-up. */
  isNext(pickUpNs: number, limitNs: number): boolean {
    return (
      this.#batcher.signalled &&
      this.#batcher.nextNs > pickUpNs &&
      this.#instances.firstFreeNs > pickUpNs &&
      limitNs > pickUpNs &&
      this.#instances.nextPickUpNs === pickUpNs
    );
  }
}
