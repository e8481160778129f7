import { BatcherThread } from './batcher-thread.js';
import { InstanceThreads } from './instance-threads.js';
import type { Executor } from './model-server.js';

export interface DelayFastPathOptions {
  /** Arrivals at the queue, nanoseconds, ascending; requests of one inference. */
  readonly queuedNs: Float64Array;
  readonly executor: Executor;
  readonly instances: number;
  readonly maxBatchSize: number;
  /** More than 0. */
  readonly delayNs: number;
  /** The rest as in `ModelServerOptions`. */
  readonly timerSlackNs: number;
  readonly batcherWakeNs: number;
  readonly batcherAwakeNs: number;
  readonly instancePickUpNs: number;
  readonly instanceWakeNs: number;
}

/**
 * A lone model with a queue delay, no preferred size but the maximum and no queue policy, run from beginning to end:
 * requests of one inference whose arrivals are all known, every end known at the start. The rules and the order of events
 * are those of `ModelServer` (a test holds the two to the same executions); what they ask of a payload is here where its
 * requests end, which makes a setting of a sweep a quarter quicker.
 */
export class DelayFastPath {
  readonly #queuedNs: Float64Array;
  readonly #executor: Executor;
  readonly #maxBatchSize: number;
  readonly #delayNs: number;
  readonly #timerSlackNs: number;
  readonly #batcher: BatcherThread;
  readonly #instances: InstanceThreads;
  /** Requests that have arrived, and those of them that the batcher has taken. */
  #admitted = 0;
  #head = 0;

  /** Where the requests of each payload that waits end; those of the oldest begin at `#firstFrom`. */
  readonly #payloadTo: Int32Array;
  #firstSlot = 0;
  #firstFrom = 0;
  #payloads = 0;

  /** Requests in the payload that the batcher is building, and whether it waits with the others already. */
  #growing = 0;
  #isScheduled = false;
  /** The next request that is taken begins another one: it is full, or an instance has it. */
  #isFinished = false;
  /** Requests that must wait before the batcher is woken for them. */
  #wakesFor = 0;

  constructor(options: DelayFastPathOptions) {
    const { instances, batcherWakeNs, batcherAwakeNs, instancePickUpNs, instanceWakeNs } = options;
    this.#queuedNs = options.queuedNs;
    this.#executor = options.executor;
    this.#maxBatchSize = options.maxBatchSize;
    this.#delayNs = options.delayNs;
    this.#timerSlackNs = options.timerSlackNs;
    this.#batcher = new BatcherThread(batcherWakeNs, batcherAwakeNs);
    this.#instances = new InstanceThreads(instances, instancePickUpNs, instanceWakeNs);
    this.#payloadTo = new Int32Array(2 * instances);
  }

  run(endNs: number): void {
    const batcher = this.#batcher;
    const instances = this.#instances;
    for (let nowNs = -1; ; ) {
      const arrivalNs = this.#nextArrivalNs(nowNs);
      const { firstFreeNs, nextPickUpNs } = instances;
      const dueNs = Math.min(arrivalNs, firstFreeNs, nextPickUpNs, Math.max(batcher.nextNs, nowNs));
      if (!(dueNs < endNs)) return;
      nowNs = dueNs;
      if (arrivalNs <= nowNs) this.#arrive(nowNs);
      else if (firstFreeNs <= nowNs) this.#end(nowNs);
      else if (nextPickUpNs <= nowNs) this.#pickUp(nowNs);
      else this.#runBatcher(nowNs);
    }
  }

  // --- arrivals -------------------------------------------------------------------------------

  /** The next one that could wake the batcher; Infinity: none before something else happens. */
  #nextArrivalNs(nowNs: number): number {
    const batcher = this.#batcher;
    const queuedNs = this.#queuedNs;
    const count = queuedNs.length;
    if (batcher.signalled) {
      if (!this.#findsNothing()) return Infinity;
      batcher.skipRound();
    }
    if (this.#isFull) {
      if (this.#admitted < count) batcher.pollTimeoutAfter(queuedNs[this.#head]!);
      return Infinity;
    }
    this.#admitUntil(nowNs);
    if (this.#admitted === count) return Infinity;
    if (this.#wakesFor <= 1 || this.#isFinished) return queuedNs[this.#admitted]!;
    batcher.pollTimeoutAfter(queuedNs[this.#head]!);
    const reached = this.#head + this.#wakesFor - 1;
    return queuedNs[reached < count ? Math.max(reached, this.#admitted) : this.#admitted]!;
  }

  /** Whether nothing waits at the next round of the batcher. */
  #findsNothing(): boolean {
    if (this.#admitted > this.#head) return false;
    const isLast = this.#admitted === this.#queuedNs.length;
    return isLast || this.#queuedNs[this.#admitted]! > this.#batcher.nextNs;
  }

  #arrive(nowNs: number): void {
    this.#admitUntil(nowNs);
    if (this.#isFull) return;
    if (!this.#isFinished && this.#admitted - this.#head < this.#wakesFor) return;
    // It has just made a payload, and the instance for it is not awake yet.
    const isAwake = this.#payloads > 0 && this.#instances.idleCount > 0;
    this.#batcher.signal(nowNs, isAwake ? this.#batcher.awakeNs : this.#batcher.wakeNs);
  }

  #admitUntil(nowNs: number): void {
    const queuedNs = this.#queuedNs;
    let admitted = this.#admitted;
    while (admitted < queuedNs.length && queuedNs[admitted]! <= nowNs) admitted++;
    this.#admitted = admitted;
  }

  // --- batcher thread -------------------------------------------------------------------------

  #runBatcher(nowNs: number): void {
    const batcher = this.#batcher;
    batcher.wake();
    this.#admitUntil(nowNs);
    while (this.#admitted > this.#head) {
      if (this.#isFinished) this.#begin();
      if (this.#isFull) {
        batcher.waitForSlot(nowNs);
        return;
      }
      batcher.endSlotWait();
      const room = this.#maxBatchSize - this.#growing;
      const take = Math.min(this.#admitted - this.#head, room);
      const ageNs = nowNs - this.#queuedNs[this.#head]!;
      const isLate = ageNs >= this.#delayNs;
      if (take < room && !isLate) {
        this.#wakesFor = room;
        if (this.#growing === 0) {
          const holdNs = Math.ceil(this.#delayNs - ageNs) + this.#timerSlackNs;
          return batcher.sleep(nowNs, nowNs + holdNs);
        }
      }
      // One that was filled in time is found to be full only when the next request comes.
      this.#isFinished = room === 0 || (take === room && isLate);
      if (take > 0) this.#take(take, nowNs);
    }
    if (this.#isFinished) this.#begin();
    batcher.endSlotWait();
    batcher.sleep(nowNs, Infinity);
  }

  /** Begins the next payload, which is empty. */
  #begin(): void {
    this.#growing = 0;
    this.#isScheduled = false;
    this.#isFinished = false;
    this.#wakesFor = 0;
  }

  /** Moves the first requests that wait into the growing payload, which joins those that wait for an instance. */
  #take(requests: number, nowNs: number): void {
    this.#head += requests;
    this.#growing += requests;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#payloads++;
      this.#instances.wakeOne(nowNs);
    }
    const slots = this.#payloadTo.length;
    const last = this.#firstSlot + this.#payloads - 1;
    this.#payloadTo[last < slots ? last : last - slots] = this.#head;
  }

  // --- payloads that wait ---------------------------------------------------------------------

  /** Whether as many wait as there are slots. */
  get #isFull(): boolean {
    return this.#payloads === this.#payloadTo.length;
  }

  /** An instance takes the oldest; those behind that have waited for longer than the delay go with it, as far as they fit. */
  #takePayloads(nowNs: number): void {
    const from = this.#firstFrom;
    this.#freezeLast();
    this.#dropFirst();
    if (this.#maxBatchSize === 1) return;
    while (this.#payloads > 0 && nowNs - this.#queuedNs[this.#firstFrom]! > this.#delayNs) {
      // Even when it turns out not to fit.
      this.#freezeLast();
      if (this.#payloadTo[this.#firstSlot]! - from > this.#maxBatchSize) return;
      this.#dropFirst();
    }
  }

  /** Nothing joins the oldest payload any more, where it is the one that grows. */
  #freezeLast(): void {
    if (this.#payloads > 1 || !this.#isScheduled) return;
    this.#isScheduled = false;
    this.#isFinished = true;
  }

  #dropFirst(): void {
    this.#firstFrom = this.#payloadTo[this.#firstSlot]!;
    this.#firstSlot = this.#firstSlot + 1 === this.#payloadTo.length ? 0 : this.#firstSlot + 1;
    this.#payloads--;
  }

  // --- instance threads -----------------------------------------------------------------------

  #end(nowNs: number): void {
    const instances = this.#instances;
    const instance = instances.firstToEnd();
    instances.ended(instance);
    this.#batcher.signal(nowNs);
    instances.picksUpAt(nowNs + instances.pickUpNs, instance);
  }

  #pickUp(nowNs: number): void {
    const instances = this.#instances;
    instances.beginPickUp();
    if (instances.idleCount === 0 || this.#payloads === 0) return;
    const from = this.#firstFrom;
    this.#takePayloads(nowNs);
    const to = this.#firstFrom;
    this.#batcher.signal(nowNs);
    const instance = instances.takeIdle();
    instances.busyUntil(instance, this.#executor.start(instance, from, to, to - from, nowNs));
  }
}
