import { SEQUENCE_END } from '../../../trace/sequence-flags.js';
import { doubled } from '../../containers/doubled.js';
import type { BatchingRules } from '../batching.js';
import type { ModelQueue } from '../model-queue.js';
import type { Executor } from '../model-server.js';
import type { LimitedModel } from '../rate-limiter.js';
import type { Limiter, ThreadTimes } from '../server-parts.js';
import { type DirectRules, decideDirect } from './direct-batcher.js';
import { OldestBatcher } from './oldest-batcher.js';
import { SequenceSlots, type Slot } from './sequence-slots.js';
import { SlotUse } from './slot-use.js';

export interface SequenceOptions {
  readonly instances: number;
  /** Sequences that an instance serves at once. */
  readonly slotsEach: number;
  readonly idleNs: number;
  readonly threads: ThreadTimes;
  /** Absent: the oldest requests of all sequences make batches, by the rules of a dynamic batcher. */
  readonly direct?: DirectRules;
  readonly rules?: BatchingRules;
  /** The batcher does nothing until so many requests wait (Triton's TRITONSERVER_DELAY_SCHEDULER). */
  readonly holdUntilQueued?: number;
  /** Says when batches execute; absent: at once. */
  readonly limiter?: LimitedModel | undefined;
  /** Correlation id of a request; 0 = none. */
  readonly idOf: (position: number) => number;
  /** What it does in its sequence, as in a trace. */
  readonly flagsOf: (position: number) => number;
  /**
   * Of iterative sequences: puts a request that was executed, and is to be again, into the queue's columns once more. @returns whether it
   * has; else its sequence is over.
   */
  readonly again?: (position: number, nowNs: number) => boolean;
  /** A request is refused: its sequence has not started, or was given up. */
  readonly onRefused: (position: number) => void;
}

/** One instance of a direct batcher. */
interface DirectInstance {
  readonly slots: readonly Slot[];
  /** When its batcher looks next; Infinity: when a request comes. */
  looksNs: number;
  /** It executes a batch, or has one to execute. */
  isBusy: boolean;
  /** When its thread is back from the last execution. */
  backNs: number;
  /** A batch on its way to the instance: where it stands in the order, and when it is there. */
  readonly batch: { from: number; to: number; width: number; startsNs: number };
}

/**
 * A model with sequence batching on one server. Requests of a sequence go to one slot of one instance, one after the other.
 * It is stepped as a `ModelServer` is.
 */
export class SequenceServer {
  nextNs = Infinity;
  /** Kept for whoever steps it; sequences look at nothing else. */
  limitNs = Infinity;
  readonly queue: ModelQueue;
  readonly slots: SequenceSlots;
  readonly use: SlotUse;
  /** Requests in the order in which executions have them, by position in the queue. */
  order = new Int32Array(1024);
  #ordered = 0;
  readonly #options: SequenceOptions;
  readonly #executor: Executor;
  readonly #direct: readonly DirectInstance[];
  readonly #oldest: readonly OldestBatcher[];
  /** By instance what its last execution has: where it stands in the order. */
  readonly #last: { from: number; to: number }[];
  #held: number;

  constructor(queue: ModelQueue, executor: Executor, options: SequenceOptions) {
    const { instances, holdUntilQueued = 0 } = options;
    this.queue = queue;
    this.#options = options;
    this.#executor = executor;
    this.slots = new SequenceSlots(options);
    this.use = new SlotUse(instances * options.slotsEach);
    this.#held = holdUntilQueued;
    this.#last = this.slots.slots.map(() => ({ from: 0, to: 0 }));
    this.#direct = options.direct === undefined ? [] : this.slots.slots.map((slots) => directInstance(slots));
    this.#oldest =
      options.direct === undefined
        ? Array.from({ length: instances }, (_, instance) => this.#oldestBatcher(instance))
        : [];
  }

  /** A request arrives; it is in the queue's columns already. */
  pushedAt(nowNs: number): void {
    const { queue } = this;
    const first = queue.admitted;
    queue.admitUntil(nowNs);
    for (let position = first; position < queue.admitted; position++) this.#enqueue(position, nowNs);
    this.#schedule(nowNs);
  }

  step(): void {
    const nowNs = this.nextNs;
    if (this.slots.reapsNs <= nowNs) {
      for (const slot of this.slots.reap(nowNs)) this.#wake(slot, nowNs);
    } else {
      for (const instance of this.#direct.keys()) this.#stepDirect(instance, nowNs);
      for (const { server } of this.#oldest) if (server.nextNs <= nowNs) server.step();
    }
    this.#schedule(nowNs);
  }

  /** An execution has ended, and all its responses have left. */
  executionEnded(instance: number, nowNs: number): void {
    const direct = this.#direct[instance];
    if (this.#options.again !== undefined) this.#reschedule(this.#last[instance]!, nowNs);
    if (direct !== undefined) {
      this.#options.limiter?.release(instance, nowNs);
      direct.isBusy = false;
      const { batcherWakeNs, instancePickUpNs } = this.#options.threads;
      direct.backNs = nowNs + instancePickUpNs;
      direct.looksNs = nowNs + batcherWakeNs;
    } else this.#oldest[instance]!.executionEnded(nowNs);
    this.#schedule(nowNs);
  }

  /** The rate limiter has given resources to batches. */
  granted(nowNs: number): void {
    const { limiter } = this.#options;
    for (const [instance, payload] of limiter!.granted) {
      const direct = this.#direct[instance];
      limiter!.granted.delete(instance);
      if (direct !== undefined) direct.batch.startsNs = this.#pickUpNs(direct, nowNs);
      else {
        const { server, limiter: own } = this.#oldest[instance]!;
        own!.granted.set(0, payload);
        server.granted(nowNs);
      }
    }
    this.#schedule(nowNs);
  }

  /** A scenario whose instances come and go has no sequences. */
  addInstance(): number {
    throw new Error('instances of a model with sequences do not come and go');
  }

  removeInstance(): void {
    this.addInstance();
  }

  #enqueue(position: number, nowNs: number): void {
    const { idOf, flagsOf } = this.#options;
    const slot = this.slots.enqueue(position, idOf(position), flagsOf(position), nowNs);
    if (slot === false) return this.#options.onRefused(position);
    if (this.#held > 0 && --this.#held === 0) for (const each of this.#direct) this.#look(each, nowNs);
    else if (slot !== undefined) this.#wake(slot, nowNs);
  }

  /** Something has come into a slot. */
  #wake(slot: Slot, nowNs: number): void {
    const direct = this.#direct[slot.instance];
    if (direct === undefined) this.#oldest[slot.instance]!.handOver(slot, nowNs);
    else if (this.#held === 0) this.#look(direct, nowNs);
  }

  /** The batcher of an instance looks, unless it waits for an execution. */
  #look(own: DirectInstance, nowNs: number): void {
    if (own.isBusy) return;
    own.looksNs = Math.min(own.looksNs, nowNs + this.#options.threads.batcherWakeNs);
  }

  // --- direct ---------------------------------------------------------------------------------

  #stepDirect(instance: number, nowNs: number): void {
    const own = this.#direct[instance]!;
    if (own.batch.startsNs <= nowNs) {
      const { from, to, width } = own.batch;
      own.batch.startsNs = Infinity;
      this.#start(instance, from, to, width, nowNs);
    } else if (own.looksNs <= nowNs) this.#formBatch(own, nowNs);
  }

  #formBatch(own: DirectInstance, nowNs: number): void {
    own.looksNs = Infinity;
    for (const slot of own.slots) if (slot.requests[0] === -1) this.#release(slot);
    const decision = decideDirect(own.slots, this.#options.direct!, nowNs, this.queue);
    if (decision.do === 'sleep') {
      own.looksNs = decision.untilNs + (this.#options.threads.timerSlackNs ?? 0);
      return;
    }
    const from = this.#ordered;
    for (const slot of decision.slots) {
      const position = slot.requests.shift()!;
      this.#append(position);
      if (this.#isEnd(position)) this.#release(slot);
    }
    const { limiter } = this.#options;
    const startsNs = limiter === undefined ? this.#pickUpNs(own, nowNs) : Infinity;
    Object.assign(own.batch, { from, to: this.#ordered, width: decision.width, startsNs });
    own.isBusy = true;
    limiter?.request(from, nowNs, own.slots[0]!.instance);
  }

  /** When an instance takes a batch that is there now: once its thread is back, or has woken. */
  #pickUpNs({ backNs }: DirectInstance, nowNs: number): number {
    const { instancePickUpNs, instanceWakeNs = instancePickUpNs } = this.#options.threads;
    return backNs > nowNs ? backNs : nowNs + instanceWakeNs;
  }

  // --- oldest ---------------------------------------------------------------------------------

  #oldestBatcher(instance: number): OldestBatcher {
    const { threads, rules } = this.#options;
    return new OldestBatcher({
      slots: this.slots.slots[instance]!,
      rules,
      threads,
      limiter: this.#limiterOf(instance),
      shapes: () => this.queue.shapes,
      isEnd: (position) => this.#isEnd(position),
      release: (slot) => this.#release(slot),
      start: (positions, batch, nowNs) => {
        const from = this.#ordered;
        for (const position of positions) this.#append(position);
        this.#start(instance, from, this.#ordered, batch, nowNs);
      },
    });
  }

  /** One instance of the rate limiter, as if the model had no other. */
  #limiterOf(instance: number): Limiter | undefined {
    const { limiter } = this.#options;
    return (
      limiter && {
        granted: new Map(),
        request: (payload, nowNs) => limiter.request(payload, nowNs, instance),
        release: (_, nowNs) => limiter.release(instance, nowNs),
      }
    );
  }

  // --------------------------------------------------------------------------------------------

  #start(instance: number, from: number, to: number, batch: number, nowNs: number): void {
    Object.assign(this.#last[instance]!, { from, to });
    this.#executor.start(instance, from, to, batch, nowNs);
  }

  /** Requests of an execution go into their slots again, or free them (sequence_utils.cc, `RescheduleRequest`). */
  #reschedule({ from, to }: { readonly from: number; readonly to: number }, nowNs: number): void {
    const { again, idOf } = this.#options;
    for (let i = from; i < to; i++) {
      const position = this.order[i]!;
      if (again!(position, nowNs)) {
        const next = this.queue.admitted;
        this.queue.admitUntil(nowNs);
        this.#enqueue(next, nowNs);
        continue;
      }
      const slot = this.slots.finish(idOf(position));
      if (slot !== undefined) this.#wake(slot, nowNs);
    }
  }

  #isEnd(position: number): boolean {
    return (this.#options.flagsOf(position) & SEQUENCE_END) !== 0;
  }

  #release(slot: Slot): void {
    for (const position of this.slots.release(slot)) this.#options.onRefused(position);
  }

  #append(position: number): void {
    if (this.#ordered === this.order.length) this.order = doubled(this.order);
    this.order[this.#ordered++] = position;
    this.queue.take(1, 1);
  }

  #schedule(nowNs: number): void {
    this.use.set(this.slots.used, this.slots.waiting, nowNs);
    let nextNs = this.slots.reapsNs;
    for (const { looksNs, batch } of this.#direct) nextNs = Math.min(nextNs, looksNs, batch.startsNs);
    for (const { server } of this.#oldest) nextNs = Math.min(nextNs, server.nextNs);
    this.nextNs = nextNs;
  }
}

function directInstance(slots: readonly Slot[]): DirectInstance {
  return {
    slots,
    looksNs: Infinity,
    isBusy: false,
    backNs: 0,
    batch: { from: 0, to: 0, width: 0, startsNs: Infinity },
  };
}
