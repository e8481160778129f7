import { BATCHER_SLEEP_NS, BatcherThread } from './batcher-thread.js';
import { type BatchingRules, isPlain } from './batching.js';
import { InstanceThreads } from './instance-threads.js';
import type { ModelQueue } from './model-queue.js';
import { PayloadBuilder } from './payload-builder.js';
import type { PolicyQueue } from './policy-queue.js';

/**
 * Where executions run. The server tells it when one starts; whoever runs it calls
 * {@link ModelServer.executionEnded}, unless the end was already known and returned.
 */
export interface Executor {
  /**
   * The requests `order[from..to)` start on `instance` with `batch` inferences.
   * @returns when the instance is free again, or Infinity when that is not known yet
   */
  start(instance: number, from: number, to: number, batch: number, nowNs: number): number;
}

/** How often a batcher that is held until enough is queued looks (Triton: 10 ms). */
const HELD_SLEEP_NS = 10e6;

export interface ModelServerOptions {
  /** Absent: the default scheduler, each request its own payload. */
  readonly rules?: BatchingRules | undefined;
  readonly instances: number;
  readonly batcherWakeNs: number;
  /** The same while the instance for which it last made a payload is waking; absent: as long. */
  readonly batcherAwakeNs?: number;
  /** From the end of an execution until its instance takes the next payload. */
  readonly instancePickUpNs: number;
  /** From a payload being there until an idle instance has it; absent: as `instancePickUpNs`. */
  readonly instanceWakeNs?: number | undefined;
  /** How late a hold for the queue delay ends. Default 0. */
  readonly timerSlackNs?: number;
  /**
   * Whether, at the end of an execution, the batcher thread runs before the instance takes its next
   * payload although it usually takes longer to wake; asked once per execution. Absent: never.
   */
  readonly batcherWins?: (() => boolean) | undefined;
  /** Requests are pushed by upstream stages while the run goes on, instead of all being known. */
  readonly pushed: boolean;
  /** Needed when priority levels, timeouts or queue limits are configured. */
  readonly policy?: PolicyQueue | undefined;
  /** Triton r23.08 to r26.06 lose count of an idle instance at every merge without prefetch (issue #8870). */
  readonly idleCounterDrift?: boolean;
  /** Hold the batcher until so many requests are queued (Triton's TRITONSERVER_DELAY_SCHEDULER). */
  readonly holdUntilQueued?: number;
}

/**
 * One model on one server as a state machine: request queue, batcher thread, payload queue, instance
 * threads. It advances from event to event by `step()`; `nextNs` says when the next one is.
 *
 * Order at one instant: arrivals are admitted, then executions end, then instances pick up, then
 * the batcher runs.
 */
export class ModelServer {
  /** When the next event of this server is due; Infinity when nothing is pending. */
  nextNs = Infinity;
  /** Nothing outside this server happens before; set by whoever runs several servers side by side. */
  limitNs = Infinity;
  readonly queue: ModelQueue;
  readonly policy: PolicyQueue | undefined;
  readonly #rules: BatchingRules | undefined;
  /** The common case: no delay, P = {M}, requests of one inference, all arrivals known. */
  readonly #plain: boolean;
  readonly #executor: Executor;
  readonly #wakeNs: number;
  readonly #awakeNs: number;
  readonly #pickUpNs: number;
  readonly #instanceWakeNs: number;
  readonly #timerSlackNs: number;
  readonly #batcherWins: (() => boolean) | undefined;
  readonly #pushed: boolean;
  readonly #prefetch: boolean;
  readonly #driftOnMerge: boolean;

  readonly #builder: PayloadBuilder;
  readonly #slots: number;
  readonly #batcher = new BatcherThread();
  #heldForQueued: number;
  readonly #instances: InstanceThreads;
  /** Triton's own count of waiting instances: idle less payloads already bound to them. */
  #uncommitted: number;
  /** The next arrival that anything is done at; Infinity: all are let in later. */
  #arrivalNs = Infinity;

  constructor(queue: ModelQueue, executor: Executor, options: ModelServerOptions) {
    const instances = options.instances;
    this.queue = queue;
    this.policy = options.policy;
    this.#rules = options.rules;
    this.#builder = new PayloadBuilder(queue, options.policy, options.rules, instances);
    this.#plain =
      this.#builder.isUnit &&
      !options.pushed &&
      options.rules !== undefined &&
      isPlain(options.rules) &&
      (options.holdUntilQueued ?? 0) === 0;
    this.#executor = executor;
    this.#wakeNs = options.batcherWakeNs;
    this.#awakeNs = options.batcherAwakeNs ?? options.batcherWakeNs;
    this.#pickUpNs = options.instancePickUpNs;
    this.#timerSlackNs = options.timerSlackNs ?? 0;
    this.#instanceWakeNs = options.instanceWakeNs ?? options.instancePickUpNs;
    this.#pushed = options.pushed;
    // In the plain configuration either order leads to the same batches.
    this.#batcherWins = this.#plain || options.rules === undefined ? undefined : options.batcherWins;
    this.#prefetch = options.rules?.prefetch ?? true;
    this.#driftOnMerge = options.idleCounterDrift === true && !this.#prefetch;
    this.#slots = 2 * instances;
    this.#heldForQueued = options.holdUntilQueued ?? 0;
    this.#instances = new InstanceThreads(instances);
    this.#uncommitted = instances;
    this.#schedule(-1);
  }

  /** Advances to `nextNs` and handles the one event that is due. */
  step(): void {
    const nowNs = this.nextNs;
    if (this.#arrivalNs <= nowNs) {
      if (!this.#plain || !this.#startFromIdle(nowNs)) this.#arrive(nowNs);
    } else if (this.#instances.firstFreeNs <= nowNs) this.#end(this.#instances.firstToEnd(), nowNs);
    else if (this.#instances.nextPickUpNs <= nowNs) this.#pickUp(nowNs);
    else this.#runBatcher(nowNs);
    this.#schedule(this.nextNs);
  }

  /** A request arrives from an upstream stage; it is in the queue's columns already. */
  pushedAt(nowNs: number): void {
    this.#arrive(nowNs);
    this.#schedule(nowNs);
  }

  /**
   * An execution whose length was not known at its start has ended: its instance is free. Until
   * `limitNs` nothing happens outside of this server.
   */
  executionEnded(instance: number, nowNs: number, limitNs = nowNs): void {
    this.limitNs = limitNs;
    this.#schedule(this.#end(instance, nowNs));
  }

  /** An execution whose length was not known at its start will end then. */
  executionEndsAt(instance: number, atNs: number, nowNs: number, limitNs = nowNs): void {
    // At one instant arrivals come before ends, but this may be told of the end first.
    if (this.#arrivalNs <= nowNs) this.#arrive(nowNs);
    if (atNs === nowNs) return this.executionEnded(instance, nowNs, limitNs);
    this.limitNs = limitNs;
    this.#instances.busyUntil(instance, atNs);
    this.#schedule(nowNs);
  }

  // --- arrivals -------------------------------------------------------------------------------

  #arrive(nowNs: number): void {
    const builder = this.#builder;
    const waited = builder.waitingRequests;
    builder.admitUntil(nowNs);
    const come = builder.waitingRequests - waited;
    if (this.#rules === undefined) {
      // One for each request that is new: those that waited have theirs under way.
      const attempts = Math.min(come, this.#instances.idleCount);
      for (let i = 0; i < attempts; i++) this.#instances.wakesAt(nowNs + this.#instanceWakeNs);
    } else if (this.policy !== undefined && come === 0) {
      // Of a request that is refused nobody else hears: a full queue is not looked at sooner for it.
      return;
    } else if (this.#slotFree() && this.#wantsWaking()) {
      this.#signal(nowNs, this.#isAwake() ? this.#awakeNs : this.#wakeNs);
    } else if (this.policy !== undefined && !this.#batcher.spinning) {
      // It fell asleep with an empty queue, but will look around and then see whose time is over.
      this.#batcher.looksAroundAfter(nowNs);
    }
  }

  /** With fixed shapes a batcher that waits for a preferred size sleeps on until it can be reached. */
  #wantsWaking(): boolean {
    const { growing, waitingInferences } = this.#builder;
    return this.#rules!.enforceEqualShape || growing.finished || waitingInferences >= growing.nextPreferred;
  }

  // --- batcher thread -------------------------------------------------------------------------

  #slotFree(): boolean {
    return this.#prefetch ? this.#builder.length < this.#slots : this.#uncommitted > 0;
  }

  /** It has just made a payload, and the instance for it is not awake yet. */
  #isAwake(): boolean {
    return this.#builder.length > 0 && this.#instances.idleCount > 0;
  }

  #signal(nowNs: number, afterNs = this.#wakeNs): void {
    if (this.#rules !== undefined) this.#batcher.signal(nowNs, afterNs);
  }

  #runBatcher(nowNs: number): void {
    const batcher = this.#batcher;
    const builder = this.#builder;
    const { growing } = builder;
    batcher.wake();
    builder.admitUntil(nowNs);
    if (this.#plain) return this.#topUp(nowNs);
    for (;;) {
      if (growing.finished) growing.begin();
      if (this.#heldForQueued > 0 && builder.waitingRequests < this.#heldForQueued) {
        return batcher.sleep(nowNs, nowNs + HELD_SLEEP_NS);
      }
      this.#heldForQueued = 0;
      if (builder.waitingRequests === 0) {
        batcher.endSlotWait();
        return batcher.sleep(nowNs, Infinity);
      }
      if (!this.#slotFree()) {
        // Only after a whole wait are those looked at whose time is over.
        if (batcher.waitForSlot(nowNs)) this.policy?.expire(nowNs);
        return;
      }
      batcher.endSlotWait();
      const { holdNs, take } = builder.decide(nowNs);
      if (holdNs > 0) {
        // A fraction of a nanosecond is less than the clock's last digit in a long run, and time would stand still.
        return batcher.sleep(nowNs, nowNs + Math.ceil(holdNs) + this.#timerSlackNs);
      }
      if (take > 0) {
        if (builder.fill()) this.#payloadJoined(nowNs);
      } else if (!growing.saturated) {
        // Nothing fits the waiting payload, which is not full either: Triton's thread spins until an instance takes it.
        batcher.spinning = builder.waitingRequests > 0;
        return batcher.sleep(nowNs, Infinity);
      }
    }
  }

  /** A round of the batcher in the plain configuration: takes all that waits, as far as slots go. */
  #topUp(nowNs: number): void {
    const made = this.#builder.topUp(this.#slots);
    for (let i = 0; i < made; i++) this.#payloadJoined(nowNs);
    this.#batcher.sleep(nowNs, this.queue.waiting > 0 ? nowNs + BATCHER_SLEEP_NS : Infinity);
  }

  /** The payload under construction has joined those that wait. */
  #payloadJoined(nowNs: number): void {
    this.#uncommitted--;
    if (this.#instances.idleCount > 0) this.#instances.wakesAt(nowNs + this.#instanceWakeNs);
  }

  // --- instance threads -----------------------------------------------------------------------

  /** Gives the time to which the server has come: later when the next pick-up could be done at once. */
  #end(instance: number, nowNs: number): number {
    const instances = this.#instances;
    instances.ended(instance);
    if (this.#batcherWins?.() === true) {
      this.#signal(nowNs, Math.min(this.#wakeNs, this.#pickUpNs));
      // Pick-ups come before the batcher at one instant: the instance must be later than that.
      instances.picksUpAt(nowNs + Math.max(this.#wakeNs, this.#pickUpNs) + 1, instance);
      return nowNs;
    }
    this.#signal(nowNs);
    const pickUpNs = nowNs + this.#pickUpNs;
    instances.picksUpAt(pickUpNs, instance);
    if (this.#plain && this.#nothingUntil(pickUpNs)) {
      this.nextNs = pickUpNs;
      this.#pickUp(pickUpNs);
      return pickUpNs;
    }
    return nowNs;
  }

  /** Whether the pick-up just set is the very next event: until then no batcher round, no other end, no other pick-up. */
  #nothingUntil(pickUpNs: number): boolean {
    return (
      this.#batcher.signalled &&
      this.#batcher.nextNs > pickUpNs &&
      this.#instances.firstFreeNs > pickUpNs &&
      this.limitNs > pickUpNs &&
      this.#instances.nextPickUpNs === pickUpNs
    );
  }

  #pickUp(nowNs: number): void {
    if (this.#instances.beginPickUp()) this.#uncommitted++;
    if (this.#instances.idleCount === 0) return;
    if (this.#rules === undefined) this.#pickRequest(nowNs);
    else if (this.#builder.length > 0) this.#pickPayload(nowNs);
  }

  #pickRequest(nowNs: number): void {
    const queue = this.queue;
    this.#builder.admitUntil(nowNs);
    if (queue.waiting === 0) return;
    const from = queue.head;
    const size = queue.sizes?.[from] ?? 1;
    queue.take(1, size);
    this.#start(from, from + 1, size, nowNs);
  }

  #pickPayload(nowNs: number): void {
    const builder = this.#builder;
    builder.take(nowNs);
    // The payload that nothing fitted into may be gone with it.
    if (builder.growing.finished) this.#batcher.stopSpinning();
    if (!this.#driftOnMerge) this.#uncommitted += builder.takenPayloads - 1;
    this.#signal(nowNs);
    this.#start(builder.takenFrom, builder.takenTo, builder.takenBatch, nowNs);
  }

  #start(from: number, to: number, batch: number, nowNs: number): void {
    const instance = this.#instances.takeIdle();
    this.#instances.busyUntil(instance, this.#executor.start(instance, from, to, batch, nowNs));
  }

  // --- what comes next ------------------------------------------------------------------------

  #schedule(nowNs: number): void {
    const batcher = this.#batcher;
    const instances = this.#instances;
    let arrivalNs = Infinity;
    if (this.policy !== undefined || this.#rules === undefined) {
      if (this.policy !== undefined || instances.idleCount > 0) arrivalNs = this.queue.nextArrivalNs();
    } else if (!batcher.signalled) {
      if (this.#plain && instances.idleCount === 0) this.#growWhileBusy();
      arrivalNs = this.#wakingArrivalNs(nowNs);
    } else if (this.#signalIsIdle()) {
      // The next arrival comes after it.
      batcher.skipRound();
      arrivalNs = this.#wakingArrivalNs(nowNs);
    }
    this.#arrivalNs = arrivalNs;
    let nextNs = arrivalNs;
    if (instances.firstFreeNs < nextNs) nextNs = instances.firstFreeNs;
    if (instances.nextPickUpNs < nextNs) nextNs = instances.nextPickUpNs;
    if (batcher.nextNs < nextNs) nextNs = Math.max(batcher.nextNs, nowNs);
    this.nextNs = nextNs;
  }

  /**
   * With no delay, no preferred size but the maximum and requests of one inference, every signal
   * while all instances are busy only tops up the waiting payloads. These rounds of the batcher are
   * run here one after the other, up to the next event of an instance, without going through `step`.
   */
  #growWhileBusy(): void {
    const queue = this.queue;
    const builder = this.#builder;
    const { firstFreeNs, nextPickUpNs } = this.#instances;
    const endNs = Math.min(firstFreeNs, nextPickUpNs, this.#batcher.nextNs, this.limitNs) - this.#wakeNs;
    if (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! >= endNs) return;
    const capacity = builder.roomFor(this.#slots);
    let roundNs = -1;
    // Rounds that only take what has come can be one: a full payload queue ends them.
    while (queue.admitted < queue.count && queue.admitted - queue.head < capacity) {
      const arrivalNs = queue.queuedNs[queue.admitted]!;
      if (arrivalNs >= endNs) break;
      roundNs = arrivalNs + this.#wakeNs;
      builder.admitUntil(roundNs);
    }
    if (roundNs >= 0) this.#topUp(roundNs);
  }

  /**
   * A request finds everything asleep: the batcher wakes, takes what has come, and an idle instance
   * picks it up. Where nothing else can happen meanwhile the three steps are one.
   */
  #startFromIdle(nowNs: number): boolean {
    const batcher = this.#batcher;
    const instances = this.#instances;
    const { growing, length } = this.#builder;
    if (instances.idleCount === 0 || length > 0 || batcher.nextNs !== Infinity) return false;
    const queue = this.queue;
    const { queuedNs, count, head } = queue;
    if (queue.admitted !== head) return false;
    const roundNs = nowNs + this.#wakeNs;
    const pickUpNs = roundNs + this.#instanceWakeNs;
    if (pickUpNs >= this.limitNs || pickUpNs >= instances.firstFreeNs || pickUpNs >= instances.nextPickUpNs)
      return false;
    const last = head + this.#rules!.maxBatchSize - 1;
    if (last >= count || queuedNs[last]! <= roundNs) return false;
    let to = head + 1;
    while (queuedNs[to]! <= roundNs) to++;
    if (queuedNs[to]! + this.#awakeNs <= pickUpNs) return false;
    growing.begin();
    growing.freeze();
    queue.admitted = to;
    queue.head = to;
    this.#uncommitted--;
    this.nextNs = pickUpNs;
    batcher.sleep(roundNs, Infinity);
    if (queuedNs[to]! < pickUpNs) this.#signal(queuedNs[to]!, this.#awakeNs);
    else this.#signal(pickUpNs);
    this.#start(head, to, to - head, pickUpNs);
    return true;
  }

  /** Whether the signal under way would find nothing to do. */
  #signalIsIdle(): boolean {
    const queue = this.queue;
    return (
      !this.#pushed &&
      queue.admitted === queue.head &&
      (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! > this.#batcher.nextNs)
    );
  }

  /**
   * The next arrival that would signal the sleeping batcher. Arrivals that would not are let in
   * later, all at once; only the end of a sleep that began with an empty queue must then be set.
   */
  #wakingArrivalNs(nowNs: number): number {
    const queue = this.queue;
    if (!this.#slotFree()) {
      // A sleep that began with an empty queue ends at a multiple of the sleep time once something waits.
      if (queue.admitted < queue.count) this.#batcher.looksAroundAfter(queue.queuedNs[queue.head]!);
      return Infinity;
    }
    // What came while no slot was free did not signal: it is let in without a second look.
    this.#builder.admitUntil(nowNs);
    if (queue.admitted === queue.count) return Infinity;
    const { growing, isUnit } = this.#builder;
    const { nextPreferred, finished } = growing;
    const reached = queue.head + nextPreferred - 1;
    if (!isUnit || nextPreferred <= 1 || finished || reached >= queue.count)
      return queue.queuedNs[queue.admitted]!;
    this.#batcher.looksAroundAfter(queue.queuedNs[queue.head]!);
    return queue.queuedNs[Math.max(reached, queue.admitted)]!;
  }
}
