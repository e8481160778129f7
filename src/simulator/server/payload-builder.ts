import {
  type BatchDecision,
  type BatchingRules,
  formBatch,
  formUnitBatch,
  newBatchDecision,
} from './batching.js';
import { GrowingPayload } from './growing-payload.js';
import type { ModelQueue } from './model-queue.js';
import { PayloadQueue } from './payload-queue.js';
import type { PolicyQueue } from './policy-queue.js';
import { WaitingView } from './waiting-view.js';

/**
 * The requests of one model on their way into batches: those that wait, the payload that the batcher is
 * building, the payloads that wait for an instance. It says which requests go together; when the threads
 * look at them is `ModelServer`'s.
 */
export class PayloadBuilder {
  readonly growing = new GrowingPayload();
  /** What was taken last for an instance: `order[takenFrom..takenTo)`, its inferences, and how many payloads are in it. */
  takenFrom = 0;
  takenTo = 0;
  takenBatch = 0;
  takenPayloads = 0;
  /** All requests are of one inference, and nothing depends on their shape or priority. */
  readonly isUnit: boolean;
  readonly #queue: ModelQueue;
  readonly #policy: PolicyQueue | undefined;
  readonly #rules: BatchingRules | undefined;
  readonly #payloads: PayloadQueue;
  readonly #decision: BatchDecision = newBatchDecision();
  /** A payload older than this is merged with the one before it; 0: never. */
  readonly #mergeDelayNs: number;

  /** @param rules absent for the default scheduler, each request its own payload */
  constructor(
    queue: ModelQueue,
    policy: PolicyQueue | undefined,
    rules: BatchingRules | undefined,
    instances: number,
  ) {
    this.#queue = queue;
    this.#policy = policy;
    this.#rules = rules;
    this.isUnit = queue.sizes === undefined && policy === undefined && rules?.enforceEqualShape !== true;
    this.#payloads = new PayloadQueue(payloadsOf(instances));
    this.#mergeDelayNs = rules !== undefined && rules.maxBatchSize > 1 ? rules.delayNs : 0;
  }

  /** Makes room for the payloads of so many instances. */
  reserve(instances: number): void {
    this.growing.slot = this.#payloads.reserve(payloadsOf(instances), this.growing.slot);
  }

  /** Makes room for one more payload, where any number of them may wait. */
  reserveOne(): void {
    const payloads = this.#payloads;
    if (payloads.isFull) this.growing.slot = payloads.reserve(2 * payloads.length, this.growing.slot);
  }

  /** Where the newest payload begins, by which the rate limiter knows it. */
  get newest(): number {
    return this.#payloads.from[this.growing.slot]!;
  }

  /** Payloads that wait for an instance. */
  get length(): number {
    return this.#payloads.length;
  }

  get waitingRequests(): number {
    return this.#policy === undefined ? this.#queue.waiting : this.#policy.waiting;
  }

  /** As Triton counts them. */
  get countedInferences(): number {
    return this.#policy === undefined ? this.#queue.waitingInferences : this.#policy.countedInferences;
  }

  /** Lets in everything that arrives until `nowNs`, itself included. */
  admitUntil(nowNs: number): void {
    const queue = this.#queue;
    if (this.#policy !== undefined) return this.#policy.admitUntil(nowNs);
    queue.admitUntil(nowNs);
  }

  /** Looks at what waits, of which there is something, and decides what joins the growing payload. */
  decide(nowNs: number): BatchDecision {
    const decision = this.#decision;
    const { growing } = this;
    this.#form(nowNs);
    if (decision.saturated) growing.saturated = true;
    if (decision.nextPreferred >= 0) growing.nextPreferred = decision.nextPreferred;
    if (decision.closed && growing.scheduled) this.#payloads.closed[growing.slot] = 1;
    return decision;
  }

  /**
   * Moves what was decided last into the growing payload.
   * @returns whether the payload joined those that wait with it
   */
  fill(): boolean {
    const queue = this.#queue;
    const policy = this.#policy;
    const payloads = this.#payloads;
    const { growing } = this;
    const { take, takeInferences, closed } = this.#decision;
    let from: number;
    let oldestNs: number;
    if (policy !== undefined) {
      from = policy.taken;
      oldestNs = policy.take(take);
    } else {
      from = queue.head;
      oldestNs = queue.oldestNs(from, take);
      queue.take(take, takeInferences);
    }
    const to = from + take;
    growing.batch += takeInferences;
    if (growing.scheduled) {
      const { slot } = growing;
      payloads.to[slot] = to;
      payloads.batch[slot] = growing.batch;
      if (oldestNs < payloads.oldestNs[slot]!) payloads.oldestNs[slot] = oldestNs;
      return false;
    }
    growing.slot = payloads.push(from, to, growing.batch, oldestNs);
    if (!this.isUnit) growing.shape = this.#shapeAt(from);
    if (closed) payloads.closed[growing.slot] = 1;
    return true;
  }

  /**
   * The same as deciding and filling until nothing waits or `slots` payloads do, in the plain configuration:
   * no delay, no preferred size but the maximum, requests of one inference.
   * @returns how many payloads joined those that wait
   */
  topUp(slots: number): number {
    const queue = this.#queue;
    const payloads = this.#payloads;
    const { growing } = this;
    const { maxBatchSize } = this.#rules!;
    let waiting = queue.admitted - queue.head;
    let scheduled = 0;
    while (waiting > 0) {
      if (growing.stale || growing.batch === maxBatchSize) growing.begin();
      if (payloads.length >= slots) return scheduled;
      const take = Math.min(waiting, maxBatchSize - growing.batch);
      const from = queue.head;
      growing.batch += take;
      if (growing.scheduled) {
        payloads.to[growing.slot] = from + take;
        payloads.batch[growing.slot] = growing.batch;
      } else {
        growing.slot = payloads.push(from, from + take, growing.batch, queue.queuedNs[from]!);
        scheduled++;
      }
      queue.head += take;
      waiting -= take;
    }
    if (growing.batch === maxBatchSize) growing.saturated = true;
    return scheduled;
  }

  /** How many inferences {@link topUp} takes, one after the other, before the last of so many slots is taken. */
  roomBeforeLast(slots: number): number {
    const { growing } = this;
    const { maxBatchSize } = this.#rules!;
    const open = growing.scheduled ? maxBatchSize - growing.batch : 0;
    return open + (slots - 1 - this.#payloads.length) * maxBatchSize;
  }

  /**
   * An instance takes the oldest payload, of which there is one, and what may be merged with it, into `taken…`.
   * @param from where the payload begins that it takes instead, alone
   */
  take(nowNs: number, from?: number): void {
    const payloads = this.#payloads;
    const { growing } = this;
    if (from !== undefined) {
      const isGrowing = growing.scheduled && this.newest === from;
      payloads.bringToHead(from);
      if (isGrowing) growing.slot = payloads.head;
    }
    const slot = payloads.shift();
    if (slot === growing.slot) growing.freeze();
    this.takenFrom = payloads.from[slot]!;
    this.takenTo = payloads.to[slot]!;
    this.takenBatch = payloads.batch[slot]!;
    this.takenPayloads = 1;
    if (from === undefined && this.#mergeDelayNs > 0 && payloads.closed[slot] === 0) this.#merge(nowNs);
  }

  #merge(nowNs: number): void {
    const payloads = this.#payloads;
    const { maxBatchSize, enforceEqualShape } = this.#rules!;
    const shape = this.#shapeAt(this.takenFrom);
    while (payloads.length > 0) {
      const next = payloads.head;
      if (payloads.closed[next] === 1 || nowNs - payloads.oldestNs[next]! <= this.#mergeDelayNs) return;
      // The payload behind is frozen even when it turns out not to fit.
      if (next === this.growing.slot) this.growing.freeze();
      if (this.takenBatch + payloads.batch[next]! > maxBatchSize) return;
      if (enforceEqualShape && this.#shapeAt(payloads.from[next]!) !== shape) return;
      this.takenBatch += payloads.batch[next]!;
      this.takenTo = payloads.to[next]!;
      this.takenPayloads++;
      payloads.shift();
    }
  }

  #form(nowNs: number): void {
    const queue = this.#queue;
    const policy = this.#policy;
    const rules = this.#rules!;
    const payload = this.growing;
    if (this.isUnit) {
      const ageNs = nowNs - queue.queuedNs[queue.head]!;
      formUnitBatch(rules, payload.batch, queue.admitted - queue.head, ageNs, this.#decision);
    } else if (policy !== undefined) {
      policy.form(rules, payload, nowNs, this.#decision);
    } else {
      formBatch(rules, payload, new WaitingView(queue), nowNs, this.#decision);
    }
  }

  #shapeAt(position: number): number {
    return this.#policy !== undefined
      ? this.#policy.shapeOfTaken(position)
      : (this.#queue.shapes?.[position] ?? 0);
  }
}

/** Room for the payloads of so many instances: two that wait for each, one that it runs, and those at the border. */
function payloadsOf(instances: number): number {
  return 3 * instances + 2;
}
