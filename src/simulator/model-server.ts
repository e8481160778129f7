import {
  type BatchDecision,
  type BatchingRules,
  formBatch,
  formUnitBatch,
  isPlain,
  newBatchDecision,
} from './batching.js';
import type { ModelQueue } from './model-queue.js';
import { PayloadQueue } from './payload-queue.js';
import type { PolicyQueue } from './policy-queue.js';
import { TimerRing } from './timer-ring.js';

/** How often a sleeping batcher looks around without having been signalled (Triton: 500 ms). */
export const BATCHER_SLEEP_NS = 500e6;

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

export interface ModelServerOptions {
  /** Absent: the default scheduler, each request its own payload. */
  readonly rules?: BatchingRules | undefined;
  readonly instances: number;
  readonly batcherWakeNs: number;
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

const Growing = { unformed: 0, scheduled: 1, stale: 2 } as const;

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
  readonly #unit: boolean;
  /** The common case: no delay, P = {M}, requests of one inference, all arrivals known. */
  readonly #plain: boolean;
  readonly #executor: Executor;
  readonly #wakeNs: number;
  readonly #pickUpNs: number;
  readonly #instanceWakeNs: number;
  readonly #timerSlackNs: number;
  readonly #batcherWins: (() => boolean) | undefined;
  readonly #pushed: boolean;
  readonly #prefetch: boolean;
  readonly #mergeDelayNs: number;
  readonly #driftOnMerge: boolean;
  readonly #decision: BatchDecision = newBatchDecision();

  readonly #payloads: PayloadQueue;
  readonly #slots: number;
  /** The payload under construction: its state, slot in the payload queue once scheduled, inferences. */
  #growing: number = Growing.unformed;
  #growingSlot = -1;
  #growingBatch = 0;
  #growingShape = 0;
  #saturated = false;
  #nextPreferred = 0;

  /** The batcher thread: when it runs next, and whether by a signal or because its sleep ends. */
  #batcherNs = Infinity;
  #signalled = false;
  #asleepSinceNs = 0;
  /** While it waits for a free slot: when it looks around unasked. */
  #slotWaitEndNs = Infinity;
  /** The last round that was skipped because it would have found nothing; signals until then are part of it. */
  #idleRoundNs = -1;
  #spinning = false;
  #heldForQueued: number;

  /** Instance threads: when each is free again (Infinity while idle or not known), and who is idle. */
  readonly #freeNs: Float64Array;
  #firstFreeNs = Infinity;
  readonly #idle: Int32Array;
  #idleHead = 0;
  #idleCount: number;
  /** Triton's own count of waiting instances: idle less payloads already bound to them. */
  #uncommitted: number;
  /** Pick-ups under way: an instance that becomes idle, or -1 for a signal to any idle one. */
  readonly #pickUps = new TimerRing();
  #arrivalNs = Infinity;

  constructor(queue: ModelQueue, executor: Executor, options: ModelServerOptions) {
    const instances = options.instances;
    this.queue = queue;
    this.policy = options.policy;
    this.#rules = options.rules;
    this.#unit =
      queue.sizes === undefined && options.policy === undefined && options.rules?.enforceEqualShape !== true;
    this.#plain =
      this.#unit &&
      !options.pushed &&
      options.rules !== undefined &&
      isPlain(options.rules) &&
      (options.holdUntilQueued ?? 0) === 0;
    this.#executor = executor;
    this.#wakeNs = options.batcherWakeNs;
    this.#pickUpNs = options.instancePickUpNs;
    this.#timerSlackNs = options.timerSlackNs ?? 0;
    this.#instanceWakeNs = options.instanceWakeNs ?? options.instancePickUpNs;
    this.#pushed = options.pushed;
    // In the plain configuration either order leads to the same batches.
    this.#batcherWins = this.#plain || options.rules === undefined ? undefined : options.batcherWins;
    this.#prefetch = options.rules?.prefetch ?? true;
    this.#mergeDelayNs =
      options.rules !== undefined && options.rules.maxBatchSize > 1 ? options.rules.delayNs : 0;
    this.#driftOnMerge = options.idleCounterDrift === true && !this.#prefetch;
    this.#slots = 2 * instances;
    this.#payloads = new PayloadQueue(3 * instances + 2);
    this.#heldForQueued = options.holdUntilQueued ?? 0;
    this.#freeNs = new Float64Array(instances).fill(Infinity);
    this.#idle = Int32Array.from({ length: instances }, (_, i) => i);
    this.#idleCount = instances;
    this.#uncommitted = instances;
    this.#schedule(-1);
  }

  /** Advances to `nextNs` and handles the one event that is due. */
  step(): void {
    const nowNs = this.nextNs;
    if (this.#arrivalNs <= nowNs) {
      if (!this.#plain || !this.#startFromIdle(nowNs)) this.#arrive(nowNs);
    } else if (this.#firstFreeNs <= nowNs) this.#endFirst(nowNs);
    else if (this.#pickUps.nextNs <= nowNs) this.#pickUp(nowNs);
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
    this.#freeNs[instance] = atNs;
    if (atNs < this.#firstFreeNs) this.#firstFreeNs = atNs;
    this.#schedule(nowNs);
  }

  // --- arrivals -------------------------------------------------------------------------------

  #arrive(nowNs: number): void {
    const queue = this.queue;
    const waited = queue.waiting;
    this.#admit(nowNs);
    if (this.#rules === undefined) {
      // One for each request that is new: those that waited have theirs under way.
      const attempts = Math.min(queue.waiting - waited, this.#idleCount);
      for (let i = 0; i < attempts; i++) this.#pickUps.push(nowNs + this.#instanceWakeNs, -1);
    } else if (this.#slotFree() && this.#wantsWaking()) {
      this.#signal(nowNs);
    } else if (this.policy !== undefined && this.#batcherNs === Infinity && !this.#spinning) {
      // It fell asleep with an empty queue, but will look around and then see whose time is over.
      this.#batcherNs = this.#sleepEndNs(nowNs);
    }
  }

  #admit(nowNs: number): void {
    if (this.policy !== undefined) return this.policy.admitUntil(nowNs);
    this.queue.admitUntil(nowNs);
    while (this.queue.needsRefill) {
      this.#refill();
      this.queue.admitUntil(nowNs);
    }
  }

  /** With fixed shapes a batcher that waits for a preferred size sleeps on until it can be reached. */
  #wantsWaking(): boolean {
    return (
      this.#rules!.enforceEqualShape ||
      this.#saturated ||
      this.#growing === Growing.stale ||
      this.#waitingInferences() >= this.#nextPreferred
    );
  }

  #waitingInferences(): number {
    return this.policy === undefined ? this.queue.waitingInferences : this.policy.waitingInferences;
  }

  #waitingRequests(): number {
    return this.policy === undefined ? this.queue.waiting : this.policy.waiting;
  }

  #refill(): void {
    const payloads = this.#payloads;
    const keepFrom = payloads.length > 0 ? payloads.from[payloads.head]! : this.queue.head;
    payloads.rebase(this.queue.refill(keepFrom));
  }

  // --- batcher thread -------------------------------------------------------------------------

  #slotFree(): boolean {
    return this.#prefetch ? this.#payloads.length < this.#slots : this.#uncommitted > 0;
  }

  #signal(nowNs: number, afterNs = this.#wakeNs): void {
    if (this.#signalled || this.#rules === undefined) return;
    if (nowNs <= this.#idleRoundNs) return; // answered by the idle round that was skipped
    this.#signalled = true;
    const wakeNs = nowNs + afterNs;
    if (wakeNs < this.#batcherNs) this.#batcherNs = wakeNs;
  }

  #sleep(nowNs: number, untilNs: number): void {
    this.#asleepSinceNs = nowNs;
    this.#batcherNs = untilNs;
  }

  #runBatcher(nowNs: number): void {
    this.#signalled = false;
    this.#spinning = false;
    this.#admit(nowNs);
    if (this.#plain) return this.#topUp(nowNs);
    for (;;) {
      if (this.#saturated || this.#growing === Growing.stale) this.#startPayload();
      if (this.#heldForQueued > 0 && this.#waitingRequests() < this.#heldForQueued) {
        return this.#sleep(nowNs, nowNs + 10e6);
      }
      this.#heldForQueued = 0;
      if (this.#waitingRequests() === 0) {
        this.#slotWaitEndNs = Infinity;
        return this.#sleep(nowNs, Infinity);
      }
      if (!this.#slotFree()) return this.#waitForSlot(nowNs);
      this.#slotWaitEndNs = Infinity;
      const decision = this.#decision;
      this.#form(nowNs);
      if (decision.saturated) this.#saturated = true;
      if (decision.nextPreferred >= 0) this.#nextPreferred = decision.nextPreferred;
      if (decision.closed && this.#growing === Growing.scheduled)
        this.#payloads.closed[this.#growingSlot] = 1;
      if (decision.holdNs > 0) return this.#sleep(nowNs, nowNs + decision.holdNs + this.#timerSlackNs);
      if (decision.take > 0) this.#fill(decision, nowNs);
      else if (!this.#saturated) {
        // Nothing fits the waiting payload, which is not full either: Triton's thread spins until an instance takes it.
        this.#spinning = this.#waitingRequests() > 0;
        return this.#sleep(nowNs, Infinity);
      }
    }
  }

  /**
   * A signal that finds no slot does not begin the wait anew: it ends 500 ms after it began, and only then
   * are those looked at whose time is over.
   */
  #waitForSlot(nowNs: number): void {
    if (nowNs >= this.#slotWaitEndNs) this.policy?.expire(nowNs);
    if (nowNs >= this.#slotWaitEndNs || this.#slotWaitEndNs === Infinity) {
      this.#slotWaitEndNs = nowNs + BATCHER_SLEEP_NS;
    }
    this.#sleep(nowNs, this.#slotWaitEndNs);
  }

  #startPayload(): void {
    this.#growing = Growing.unformed;
    this.#growingSlot = -1;
    this.#growingBatch = 0;
    this.#saturated = false;
    this.#nextPreferred = 0;
  }

  #form(nowNs: number): void {
    const queue = this.queue;
    if (this.#unit) {
      const ageNs = nowNs - queue.queuedNs[queue.head]!;
      formUnitBatch(this.#rules!, this.#growingBatch, queue.admitted - queue.head, ageNs, this.#decision);
    } else if (this.policy !== undefined) {
      this.policy.form(this.#rules!, this.#growingBatch, this.#growingShape, nowNs, this.#decision);
    } else {
      formBatch(
        this.#rules!,
        this.#growingBatch,
        this.#growingShape,
        new WaitingView(queue),
        nowNs,
        this.#decision,
      );
    }
  }

  /** Moves the first requests that wait into the payload under construction, and schedules it if it is new. */
  #fill(decision: BatchDecision, nowNs: number): void {
    const queue = this.queue;
    const payloads = this.#payloads;
    const policy = this.policy;
    let from: number;
    let oldestNs: number;
    if (policy !== undefined) {
      from = policy.taken;
      oldestNs = policy.take(decision.take);
    } else {
      from = queue.head;
      oldestNs = queue.queuedNs[from]!;
      queue.take(decision.take, decision.takeInferences);
    }
    this.#growingBatch += decision.takeInferences;
    if (this.#growing === Growing.scheduled) {
      const slot = this.#growingSlot;
      payloads.to[slot] = from + decision.take;
      payloads.batch[slot] = this.#growingBatch;
      if (oldestNs < payloads.oldestNs[slot]!) payloads.oldestNs[slot] = oldestNs;
      return;
    }
    this.#growing = Growing.scheduled;
    this.#growingSlot = payloads.push(from, from + decision.take, this.#growingBatch, oldestNs);
    if (!this.#unit)
      this.#growingShape = policy !== undefined ? policy.shapeOfTaken(from) : (queue.shapes?.[from] ?? 0);
    if (decision.closed) payloads.closed[this.#growingSlot] = 1;
    this.#uncommitted--;
    if (this.#idleCount > 0) this.#pickUps.push(nowNs + this.#instanceWakeNs, -1);
  }

  // --- instance threads -----------------------------------------------------------------------

  #endFirst(nowNs: number): void {
    const freeNs = this.#freeNs;
    let first = 0;
    for (let i = 1; i < freeNs.length; i++) if (freeNs[i]! < freeNs[first]!) first = i;
    this.#end(first, nowNs);
  }

  /** Gives the time to which the server has come: later when the next pick-up could be done at once. */
  #end(instance: number, nowNs: number): number {
    const freeNs = this.#freeNs;
    freeNs[instance] = Infinity;
    let firstNs = Infinity;
    for (let i = 0; i < freeNs.length; i++) if (freeNs[i]! < firstNs) firstNs = freeNs[i]!;
    this.#firstFreeNs = firstNs;
    if (this.#batcherWins?.() === true) {
      this.#signal(nowNs, Math.min(this.#wakeNs, this.#pickUpNs));
      // Pick-ups come before the batcher at one instant: the instance must be later than that.
      this.#pickUps.push(nowNs + Math.max(this.#wakeNs, this.#pickUpNs) + 1, instance);
      return nowNs;
    }
    this.#signal(nowNs);
    const pickUpNs = nowNs + this.#pickUpNs;
    this.#pickUps.push(pickUpNs, instance);
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
      this.#signalled &&
      this.#batcherNs > pickUpNs &&
      this.#firstFreeNs > pickUpNs &&
      this.limitNs > pickUpNs &&
      this.#pickUps.nextNs === pickUpNs
    );
  }

  #pickUp(nowNs: number): void {
    const instance = this.#pickUps.pop();
    if (instance >= 0) {
      const last = (this.#idleHead + this.#idleCount++) % this.#idle.length;
      this.#idle[last] = instance;
      this.#uncommitted++;
    }
    if (this.#idleCount === 0) return;
    if (this.#rules === undefined) this.#pickRequest(nowNs);
    else if (this.#payloads.length > 0) this.#pickPayload(nowNs);
  }

  #pickRequest(nowNs: number): void {
    const queue = this.queue;
    this.#admit(nowNs);
    if (queue.waiting === 0) return;
    const from = queue.head;
    const size = queue.sizes?.[from] ?? 1;
    queue.take(1, size);
    this.#start(from, from + 1, size, nowNs);
  }

  #pickPayload(nowNs: number): void {
    const payloads = this.#payloads;
    const slot = payloads.shift();
    if (slot === this.#growingSlot) this.#freeze();
    const from = payloads.from[slot]!;
    let to = payloads.to[slot]!;
    let batch = payloads.batch[slot]!;
    if (this.#mergeDelayNs > 0 && payloads.closed[slot] === 0) {
      const shape = this.#shapeAt(from);
      while (payloads.length > 0) {
        const next = payloads.head;
        if (payloads.closed[next] === 1 || nowNs - payloads.oldestNs[next]! <= this.#mergeDelayNs) break;
        // The payload behind is frozen even when it turns out not to fit.
        if (next === this.#growingSlot) this.#freeze();
        const fits = batch + payloads.batch[next]! <= this.#rules!.maxBatchSize;
        if (!fits || (this.#rules!.enforceEqualShape && this.#shapeAt(payloads.from[next]!) !== shape)) break;
        batch += payloads.batch[next]!;
        to = payloads.to[next]!;
        payloads.shift();
        if (!this.#driftOnMerge) this.#uncommitted++;
      }
    }
    this.#signal(nowNs);
    this.#start(from, to, batch, nowNs);
  }

  /** The payload under construction has been taken by an instance: nothing joins it any more. */
  #freeze(): void {
    this.#growing = Growing.stale;
    this.#growingSlot = -1;
    if (this.#spinning) {
      this.#signalled = true;
      this.#batcherNs = 0;
    }
  }

  #shapeAt(position: number): number {
    if (this.policy !== undefined) return this.policy.shapeOfTaken(position);
    return this.queue.shapes?.[position] ?? 0;
  }

  #start(from: number, to: number, batch: number, nowNs: number): void {
    const instance = this.#idle[this.#idleHead]!;
    this.#idleHead = this.#idleHead + 1 === this.#idle.length ? 0 : this.#idleHead + 1;
    this.#idleCount--;
    const freeNs = this.#executor.start(instance, from, to, batch, nowNs);
    this.#freeNs[instance] = freeNs;
    if (freeNs < this.#firstFreeNs) this.#firstFreeNs = freeNs;
  }

  // --- what comes next ------------------------------------------------------------------------

  #schedule(nowNs: number): void {
    let arrivalNs = Infinity;
    if (this.policy !== undefined || this.#rules === undefined) {
      if (this.policy !== undefined || this.#idleCount > 0) arrivalNs = this.queue.nextArrivalNs();
    } else if (!this.#signalled) {
      if (this.#plain && this.#idleCount === 0) this.#growWhileBusy();
      arrivalNs = this.#wakingArrivalNs(nowNs);
    } else if (this.#signalIsIdle()) {
      // The signal would find nothing to do, and the next arrival comes after it: skip the round.
      this.#signalled = false;
      this.#idleRoundNs = this.#batcherNs;
      this.#sleep(this.#batcherNs, Infinity);
      arrivalNs = this.#wakingArrivalNs(nowNs);
    }
    this.#arrivalNs = arrivalNs;
    let nextNs = arrivalNs;
    if (this.#firstFreeNs < nextNs) nextNs = this.#firstFreeNs;
    if (this.#pickUps.nextNs < nextNs) nextNs = this.#pickUps.nextNs;
    if (this.#batcherNs < nextNs) nextNs = Math.max(this.#batcherNs, nowNs);
    this.nextNs = nextNs;
  }

  /**
   * With no delay, no preferred size but the maximum and requests of one inference, every signal
   * while all instances are busy only tops up the waiting payloads. These rounds of the batcher are
   * run here one after the other, up to the next event of an instance, without going through `step`.
   */
  #growWhileBusy(): void {
    const queue = this.queue;
    const endNs =
      Math.min(this.#firstFreeNs, this.#pickUps.nextNs, this.#batcherNs, this.limitNs) - this.#wakeNs;
    if (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! >= endNs) return;
    const { maxBatchSize } = this.#rules!;
    const open = this.#growing === Growing.scheduled ? maxBatchSize - this.#growingBatch : 0;
    const capacity = open + (this.#slots - this.#payloads.length) * maxBatchSize;
    let roundNs = -1;
    // Rounds that only take what has come can be one: a full payload queue ends them.
    while (queue.admitted < queue.count && queue.admitted - queue.head < capacity) {
      const arrivalNs = queue.queuedNs[queue.admitted]!;
      if (arrivalNs >= endNs) break;
      roundNs = arrivalNs + this.#wakeNs;
      this.#admit(roundNs);
    }
    if (roundNs >= 0) this.#topUp(roundNs);
  }

  /**
   * A request finds everything asleep: the batcher wakes, takes what has come, and an idle instance
   * picks it up. Where nothing else can happen meanwhile the three steps are one.
   */
  #startFromIdle(nowNs: number): boolean {
    if (this.#idleCount === 0 || this.#payloads.length > 0 || this.#batcherNs !== Infinity) return false;
    const queue = this.queue;
    const { queuedNs, count, head } = queue;
    if (queue.admitted !== head) return false;
    const roundNs = nowNs + this.#wakeNs;
    const pickUpNs = roundNs + this.#instanceWakeNs;
    if (pickUpNs >= this.limitNs || pickUpNs >= this.#firstFreeNs || pickUpNs >= this.#pickUps.nextNs)
      return false;
    const last = head + this.#rules!.maxBatchSize - 1;
    if (last >= count || queuedNs[last]! <= roundNs) return false;
    let to = head + 1;
    while (queuedNs[to]! <= roundNs) to++;
    if (queuedNs[to]! + this.#wakeNs <= pickUpNs) return false;
    this.#startPayload();
    this.#growing = Growing.stale;
    queue.admitted = to;
    queue.head = to;
    this.#uncommitted--;
    this.nextNs = pickUpNs;
    this.#asleepSinceNs = roundNs;
    this.#signal(Math.min(queuedNs[to]!, pickUpNs));
    this.#start(head, to, to - head, pickUpNs);
    return true;
  }

  #topUp(nowNs: number): void {
    const queue = this.queue;
    const maxBatchSize = this.#rules!.maxBatchSize;
    let waiting = queue.admitted - queue.head;
    while (waiting > 0) {
      if (this.#growing === Growing.stale || this.#growingBatch === maxBatchSize) this.#startPayload();
      const room = maxBatchSize - this.#growingBatch;
      const take = Math.min(waiting, room);
      const from = queue.head;
      if (this.#growing === Growing.scheduled) {
        this.#payloads.to[this.#growingSlot] = from + take;
        this.#payloads.batch[this.#growingSlot] = this.#growingBatch + take;
      } else if (this.#payloads.length < this.#slots) {
        this.#growing = Growing.scheduled;
        this.#growingSlot = this.#payloads.push(from, from + take, take, queue.queuedNs[from]!);
        this.#uncommitted--;
        if (this.#idleCount > 0) this.#pickUps.push(nowNs + this.#instanceWakeNs, -1);
      } else {
        return this.#sleep(nowNs, nowNs + BATCHER_SLEEP_NS);
      }
      this.#growingBatch += take;
      queue.head += take;
      waiting -= take;
    }
    if (this.#growingBatch === maxBatchSize) this.#saturated = true;
    this.#sleep(nowNs, Infinity);
  }

  #signalIsIdle(): boolean {
    const queue = this.queue;
    return (
      !this.#pushed &&
      queue.admitted === queue.head &&
      (queue.admitted === queue.count || queue.queuedNs[queue.admitted]! > this.#batcherNs)
    );
  }

  /**
   * The next arrival that would signal the sleeping batcher. Arrivals that would not are let in
   * later, all at once; only the end of a sleep that began with an empty queue must then be set.
   */
  #wakingArrivalNs(nowNs: number): number {
    const queue = this.queue;
    if (this.#slotFree()) {
      // What came while no slot was free did not signal: it is let in without a second look.
      this.#admit(nowNs);
      if (queue.admitted === queue.count) return Infinity;
      const known = queue.head + this.#nextPreferred - 1;
      if (!this.#unit || this.#nextPreferred <= 1 || this.#saturated || this.#growing === Growing.stale)
        return queue.queuedNs[queue.admitted]!;
      if (known < queue.count) {
        this.#setSleepEnd();
        return queue.queuedNs[Math.max(known, queue.admitted)]!;
      }
      return queue.queuedNs[queue.admitted]!;
    }
    if (queue.admitted < queue.count) this.#setSleepEnd();
    return Infinity;
  }

  /** A sleep that began with an empty queue ends at a multiple of the sleep time once something waits. */
  #setSleepEnd(): void {
    if (this.#batcherNs !== Infinity) return;
    this.#batcherNs = this.#sleepEndNs(this.queue.queuedNs[this.queue.head]!);
  }

  #sleepEndNs(arrivedNs: number): number {
    const rounds = Math.floor((arrivedNs - this.#asleepSinceNs) / BATCHER_SLEEP_NS) + 1;
    return this.#asleepSinceNs + Math.max(1, rounds) * BATCHER_SLEEP_NS;
  }
}

/** What waits in a queue without policies, as the batcher sees it. */
class WaitingView {
  readonly #queue: ModelQueue;

  constructor(queue: ModelQueue) {
    this.#queue = queue;
  }

  get length(): number {
    return this.#queue.admitted - this.#queue.head;
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
