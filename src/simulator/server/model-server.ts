import type { BatcherThread } from './batcher-thread.js';
import { type BatchingRules, isPlain } from './batching.js';
import type { InstanceThreads } from './instance-threads.js';
import type { ModelQueue } from './model-queue.js';
import type { PayloadBuilder } from './payload-builder.js';
import type { PayloadSlots } from './payload-slots.js';
import { PlainSteps } from './plain-steps.js';
import type { PolicyQueue } from './policy-queue.js';
import { type Limiter, type ModelServerOptions, serverParts } from './server-parts.js';
import { WakingArrivals } from './waking-arrivals.js';

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
  readonly #executor: Executor;
  readonly #timerSlackNs: number;
  readonly #builder: PayloadBuilder;
  readonly #slots: PayloadSlots;
  readonly #batcher: BatcherThread;
  readonly #instances: InstanceThreads;
  readonly #wakingArrivals: WakingArrivals;
  /** The common case: no delay, no preferred size but the maximum, requests of one inference, all arrivals known. */
  readonly #plain: PlainSteps | undefined;
  /** Whether the batcher thread runs before the instance that has become free; asked once for each execution that ends. */
  readonly #batcherIsFirst: ModelServerOptions['batcherWins'];
  readonly #onLostWakeUp: ModelServerOptions['onLostWakeUp'];
  readonly #limiter: Limiter | undefined;
  #heldForQueued: number;
  /** The next arrival that anything is done at; Infinity: all are let in later. */
  #arrivalNs = Infinity;

  constructor(queue: ModelQueue, executor: Executor, options: ModelServerOptions) {
    const { rules, policy, pushed, timerSlackNs = 0, holdUntilQueued = 0 } = options;
    const parts = serverParts(queue, options);
    this.queue = queue;
    this.policy = policy;
    this.#rules = rules;
    this.#executor = executor;
    this.#timerSlackNs = timerSlackNs;
    this.#builder = parts.builder;
    this.#slots = parts.slots;
    this.#batcher = parts.batcher;
    this.#instances = parts.instances;
    const wokenByAll = rules?.wokenByAll === true;
    this.#wakingArrivals = new WakingArrivals(parts, { wokenByAll, known: !pushed });
    const { isUnit } = parts.builder;
    const plain = rules !== undefined && isPlain(rules) && isUnit && !pushed && holdUntilQueued === 0;
    this.#plain = plain ? new PlainSteps(parts, rules.maxBatchSize) : undefined;
    this.#batcherIsFirst = rules === undefined || plain ? undefined : options.batcherWins;
    this.#onLostWakeUp = policy === undefined ? undefined : options.onLostWakeUp;
    this.#limiter = options.limiter;
    this.#heldForQueued = holdUntilQueued;
    this.#schedule(-1);
  }

  /** Advances to `nextNs` and handles the one event that is due. */
  step(): void {
    const nowNs = this.nextNs;
    if (this.#arrivalNs <= nowNs) {
      if (this.#plain === undefined || !this.#startFromIdle(this.#plain, nowNs)) this.#arrive(nowNs);
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

  /**
   * An execution whose length was not known at its start will end at `atNs`. Until `limitNs` nothing happens outside of this
   * server.
   */
  executionEndsAt(instance: number, atNs: number, nowNs: number, limitNs: number): void {
    // At one instant arrivals come before ends, but this may be told of the end first.
    if (this.#arrivalNs <= nowNs) this.#arrive(nowNs);
    if (atNs === nowNs) return this.executionEnded(instance, nowNs, limitNs);
    this.limitNs = limitNs;
    this.#instances.busyUntil(instance, atNs);
    this.#schedule(nowNs);
  }

  /** The rate limiter has given resources to payloads: their instances are woken. */
  granted(nowNs: number): void {
    for (const instance of this.#limiter!.granted.keys()) this.#instances.wake(instance, nowNs);
    this.#schedule(nowNs);
  }

  /** Requests in the order in which executions have them, by position in the queue; undefined: as they came. */
  get order(): ArrayLike<number> | undefined {
    return this.policy?.order;
  }

  // --- instances that come and go -------------------------------------------------------------

  /**
   * An instance has been started and looks for work.
   * @returns its number: one more than the last, also where others have left
   */
  addInstance(nowNs: number): number {
    const instances = this.#instances;
    const instance = instances.add(nowNs + instances.pickUpNs);
    this.#slots.instanceAdded();
    this.#builder.reserve(instances.count);
    if (this.#rules !== undefined) this.#batcher.signal(nowNs);
    this.#schedule(nowNs);
    return instance;
  }

  /** An instance takes no more work; its execution goes on to its end. */
  removeInstance(instance: number, nowNs: number): void {
    this.#slots.instanceRemoved(this.#instances.remove(instance));
    this.#schedule(nowNs);
  }

  // --- arrivals -------------------------------------------------------------------------------

  #arrive(nowNs: number): void {
    const builder = this.#builder;
    const waited = builder.waitingRequests;
    builder.admitUntil(nowNs);
    const come = builder.waitingRequests - waited;
    if (this.#rules === undefined && this.#limiter !== undefined) {
      const { admitted } = this.queue;
      for (let position = admitted - come; position < admitted; position++)
        this.#limiter.request(position, nowNs);
    } else if (this.#rules === undefined) {
      // One for each request that is new: those that waited have theirs under way.
      const attempts = Math.min(come, this.#instances.idleCount);
      for (let i = 0; i < attempts; i++) this.#instances.wakeOne(nowNs);
    } else if (this.policy !== undefined && come === 0) {
      // Of a request that is refused nobody else hears: a full queue is not looked at sooner for it.
      return;
    } else if (this.#wakingArrivals.wakesBatcher()) {
      this.#batcher.signal(nowNs, this.#isAwake() ? this.#batcher.awakeNs : this.#batcher.wakeNs);
    } else if (!this.#batcher.spinning) {
      // It fell asleep with an empty queue, but will look around and then see what waits, and whose time is over.
      this.#batcher.pollTimeoutAfter(nowNs);
    }
  }

  /** A request that finds everything asleep is started at once, where nothing else can happen before. */
  #startFromIdle(plain: PlainSteps, nowNs: number): boolean {
    const taken = plain.takeFromIdle(nowNs, this.limitNs);
    if (taken === 0) return false;
    const { head } = this.queue;
    this.nextNs = nowNs + plain.idleToPickUpNs;
    this.#start(head - taken, head, taken, this.nextNs);
    return true;
  }

  // --- batcher thread -------------------------------------------------------------------------

  /** It has just made a payload, and the instance for it is not awake yet. */
  #isAwake(): boolean {
    if (this.#limiter !== undefined) return this.#limiter.granted.size > 0;
    return this.#builder.length > 0 && this.#instances.idleCount > 0;
  }

  #runBatcher(nowNs: number): void {
    const batcher = this.#batcher;
    const builder = this.#builder;
    const { growing } = builder;
    const isUnasked = this.#onLostWakeUp !== undefined && batcher.looksUnasked;
    batcher.wake();
    builder.admitUntil(nowNs);
    if (isUnasked && builder.waitingRequests > 0 && this.#slots.isFreeBeside(builder.length))
      this.#onLostWakeUp!();
    if (this.#plain !== undefined) return this.#plain.runBatcher(nowNs);
    this.policy?.tellExpired(nowNs);
    for (;;) {
      if (growing.finished) growing.begin();
      if (this.#heldForQueued > 0 && builder.waitingRequests < this.#heldForQueued) {
        return batcher.sleep(nowNs, nowNs + HELD_SLEEP_NS);
      }
      this.#heldForQueued = 0;
      const hasSlot = this.#slots.isFreeBeside(builder.length);
      // It goes on waiting for a slot, also for nobody: the time of all that waited may be over.
      if (builder.waitingRequests === 0 && (hasSlot || !batcher.waitsForSlot)) {
        batcher.endSlotWait();
        return batcher.sleep(nowNs, Infinity);
      }
      if (!hasSlot) {
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
      this.policy?.tellExpired(nowNs);
      if (take > 0) {
        if (this.#slots.most === Infinity) builder.reserveOne();
        if (!builder.fill()) continue;
        this.#slots.payloadBegun();
        if (this.#limiter === undefined) this.#instances.wakeOne(nowNs);
        else this.#limiter.request(builder.newest, nowNs);
      } else if (!growing.saturated) {
        // Nothing fits the waiting payload, which is not full either: Triton's thread spins until an instance takes it.
        batcher.spinning = builder.waitingRequests > 0;
        return batcher.sleep(nowNs, Infinity);
      }
    }
  }

  // --- instance threads -----------------------------------------------------------------------

  /** Gives the time to which the server has come: later when the next pick-up could be done at once. */
  #end(instance: number, nowNs: number): number {
    const instances = this.#instances;
    instances.ended(instance);
    this.#limiter?.release(instance, nowNs);
    const { pickUpNs } = instances;
    if (instances.hasLeft(instance)) {
      if (this.#rules !== undefined) this.#batcher.signal(nowNs);
      return nowNs;
    }
    if (this.#batcherIsFirst?.() === true) {
      const afterNs = Math.min(this.#batcher.wakeNs, pickUpNs);
      this.#batcher.signal(nowNs, afterNs);
      // Pick-ups come before the batcher at one instant: the instance must be later than that.
      instances.picksUpAt(nowNs + afterNs + 1, instance);
      return nowNs;
    }
    if (this.#rules !== undefined) this.#batcher.signal(nowNs);
    const atNs = nowNs + pickUpNs;
    instances.picksUpAt(atNs, instance);
    if (!this.#plain?.isNext(atNs, this.limitNs)) return nowNs;
    this.nextNs = atNs;
    this.#pickUp(atNs);
    return atNs;
  }

  #pickUp(nowNs: number): void {
    if (this.#instances.beginPickUp()) this.#slots.instanceWaits();
    if (this.#limiter !== undefined) return this.#pickGranted(this.#limiter, nowNs);
    if (this.#instances.idleCount === 0) return;
    if (this.#rules === undefined) this.#pickRequest(nowNs);
    else if (this.#builder.length > 0) this.#pickPayload(nowNs);
  }

  /** Instances that are awake take what the rate limiter has given them. */
  #pickGranted({ granted }: Limiter, nowNs: number): void {
    for (const [instance, payload] of granted) {
      if (!this.#instances.leaveIdle(instance)) continue;
      granted.delete(instance);
      if (this.#rules === undefined) this.#startRequest(payload, nowNs, instance);
      else this.#pickPayload(nowNs, { instance, payload });
    }
  }

  #pickRequest(nowNs: number): void {
    const queue = this.queue;
    this.#builder.admitUntil(nowNs);
    if (queue.waiting > 0) this.#startRequest(queue.head, nowNs);
  }

  #startRequest(position: number, nowNs: number, instance?: number): void {
    const size = this.queue.sizes?.[position] ?? 1;
    this.queue.take(1, size);
    this.#start(position, position + 1, size, nowNs, instance);
  }

  #pickPayload(nowNs: number, grant?: { readonly instance: number; readonly payload: number }): void {
    const builder = this.#builder;
    builder.take(nowNs, grant?.payload);
    // The payload that nothing fitted into may be gone with it.
    if (builder.growing.finished) this.#batcher.stopSpinning();
    this.#slots.taken(builder.takenPayloads);
    this.#batcher.signal(nowNs);
    this.#start(builder.takenFrom, builder.takenTo, builder.takenBatch, nowNs, grant?.instance);
  }

  #start(
    from: number,
    to: number,
    batch: number,
    nowNs: number,
    instance = this.#instances.takeIdle(),
  ): void {
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
      if (instances.idleCount === 0) this.#plain?.growWhileBusy(this.limitNs);
      arrivalNs = this.#wakingArrivals.nextNs(nowNs);
    } else if (this.#wakingArrivals.findsNothing()) {
      // The next arrival comes after it.
      batcher.skipRound();
      arrivalNs = this.#wakingArrivals.nextNs(nowNs);
    }
    this.#arrivalNs = arrivalNs;
    let nextNs = arrivalNs;
    if (instances.firstFreeNs < nextNs) nextNs = instances.firstFreeNs;
    if (instances.nextPickUpNs < nextNs) nextNs = instances.nextPickUpNs;
    if (batcher.nextNs < nextNs) nextNs = Math.max(batcher.nextNs, nowNs);
    this.nextNs = nextNs;
  }
}
