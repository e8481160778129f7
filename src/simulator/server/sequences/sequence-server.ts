import { doubled } from '../../containers/doubled.js';
import type { BatchingRules } from '../batching.js';
import { ModelQueue } from '../model-queue.js';
import { type Executor, ModelServer } from '../model-server.js';
import type { LimitedModel } from '../rate-limiter.js';
import type { Limiter } from '../server-parts.js';
import { type DirectRules, decideDirect } from './direct-batcher.js';
import { type SequencePart, SequenceSlots, type Slot } from './sequence-slots.js';
import { SlotUse } from './slot-use.js';

export interface SequenceOptions {
  readonly instances: number;
  /** Sequences that an instance serves at once. */
  readonly slotsEach: number;
  readonly idleNs: number;
  readonly batcherWakeNs: number;
  readonly instancePickUpNs: number;
  /** Absent: the oldest requests of all sequences make batches, by the rules of a dynamic batcher. */
  readonly direct?: DirectRules;
  readonly rules?: BatchingRules;
  /** The batcher does nothing until so many requests wait (Triton's TRITONSERVER_DELAY_SCHEDULER). */
  readonly holdUntilQueued?: number;
  /** Says when batches execute; absent: at once. */
  readonly limiter?: LimitedModel | undefined;
  readonly partOf: (position: number) => SequencePart;
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
  /** A batch on its way to the instance: where it stands in the order, and when it is there. */
  readonly batch: { from: number; to: number; width: number; startsNs: number };
}

/** One instance of an oldest batcher: a dynamic batcher of its own. */
interface OldestInstance {
  readonly server: ModelServer;
  readonly queue: ModelQueue;
  /** The rate limiter, of which it is one instance. */
  readonly limiter: Limiter | undefined;
  /** Positions in the model's queue of what it was handed, and their slots. */
  readonly handed: number[];
  readonly slots: Slot[];
  /** What its execution under way has. */
  running: { from: number; to: number };
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
  readonly #oldest: readonly OldestInstance[];
  #held: number;

  constructor(queue: ModelQueue, executor: Executor, options: SequenceOptions) {
    const { instances, holdUntilQueued = 0 } = options;
    this.queue = queue;
    this.#options = options;
    this.#executor = executor;
    this.slots = new SequenceSlots(options);
    this.use = new SlotUse(instances * options.slotsEach);
    this.#held = holdUntilQueued;
    this.#direct = options.direct === undefined ? [] : this.slots.slots.map((slots) => directInstance(slots));
    this.#oldest =
      options.direct === undefined
        ? Array.from({ length: instances }, (_, instance) => this.#oldestInstance(instance))
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
    if (direct !== undefined) {
      this.#options.limiter?.release(instance, nowNs);
      direct.isBusy = false;
      direct.looksNs = nowNs + this.#options.batcherWakeNs;
    } else this.#oldestEnded(this.#oldest[instance]!, nowNs);
    this.#schedule(nowNs);
  }

  /** The rate limiter has given resources to batches. */
  granted(nowNs: number): void {
    const { limiter, instancePickUpNs } = this.#options;
    for (const [instance, payload] of limiter!.granted) {
      const direct = this.#direct[instance];
      limiter!.granted.delete(instance);
      if (direct !== undefined) direct.batch.startsNs = nowNs + instancePickUpNs;
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
    const slot = this.slots.enqueue(position, this.#options.partOf(position), nowNs);
    if (slot === false) return this.#options.onRefused(position);
    if (this.#held > 0 && --this.#held === 0) for (const each of this.#direct) this.#look(each, nowNs);
    else if (slot !== undefined) this.#wake(slot, nowNs);
  }

  /** Something has come into a slot. */
  #wake(slot: Slot, nowNs: number): void {
    const direct = this.#direct[slot.instance];
    if (direct === undefined) this.#handOver(slot, nowNs);
    else if (this.#held === 0) this.#look(direct, nowNs);
  }

  /** The batcher of an instance looks, unless it waits for an execution. */
  #look(own: DirectInstance, nowNs: number): void {
    if (own.isBusy) return;
    own.looksNs = Math.min(own.looksNs, nowNs + this.#options.batcherWakeNs);
  }

  // --- direct ---------------------------------------------------------------------------------

  #stepDirect(instance: number, nowNs: number): void {
    const own = this.#direct[instance]!;
    if (own.batch.startsNs <= nowNs) {
      const { from, to, width } = own.batch;
      own.batch.startsNs = Infinity;
      this.#executor.start(instance, from, to, width, nowNs);
    } else if (own.looksNs <= nowNs) this.#formBatch(own, nowNs);
  }

  #formBatch(own: DirectInstance, nowNs: number): void {
    own.looksNs = Infinity;
    for (const slot of own.slots) if (slot.requests[0] === -1) this.#release(slot);
    const { queuedNs, shapes } = this.queue;
    const decision = decideDirect(
      own.slots,
      this.#options.direct!,
      nowNs,
      (position) => queuedNs[position]!,
      (position) => shapes?.[position] ?? 0,
    );
    if (decision.do === 'sleep') {
      own.looksNs = decision.untilNs;
      return;
    }
    const from = this.#ordered;
    for (const slot of decision.slots) {
      const position = slot.requests.shift()!;
      this.#append(position);
      if (this.#options.partOf(position).isEnd) this.#release(slot);
    }
    const { limiter, instancePickUpNs } = this.#options;
    const startsNs = limiter === undefined ? nowNs + instancePickUpNs : Infinity;
    Object.assign(own.batch, { from, to: this.#ordered, width: decision.width, startsNs });
    own.isBusy = true;
    limiter?.request(from, nowNs, own.slots[0]!.instance);
  }

  // --- oldest ---------------------------------------------------------------------------------

  #oldestInstance(instance: number): OldestInstance {
    const { batcherWakeNs, instancePickUpNs, rules } = this.#options;
    const queue = new ModelQueue({
      queuedNs: new Float64Array(64),
      sizes: new Uint16Array(64),
      shapes: this.queue.shapes && new Uint16Array(64),
      count: 0,
    });
    const start: Executor['start'] = (_, from, to, batch, nowNs) => {
      const first = this.#ordered;
      for (let i = from; i < to; i++) this.#append(own.handed[i]!);
      own.running = { from, to };
      this.#executor.start(instance, first, this.#ordered, batch, nowNs);
      return Infinity;
    };
    const limiter = this.#limiterOf(instance);
    const server = new ModelServer(
      queue,
      { start },
      {
        rules,
        instances: 1,
        batcherWakeNs,
        instancePickUpNs,
        pushed: true,
        limiter,
      },
    );
    const own: OldestInstance = {
      server,
      queue,
      limiter,
      handed: [],
      slots: [],
      running: { from: 0, to: 0 },
    };
    return own;
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

  /** The first request of a slot goes to the batcher of its instance, unless another of the sequence is in a batch. */
  #handOver(slot: Slot, nowNs: number): void {
    if (slot.isInFlight || slot.requests.length === 0) return;
    if (slot.requests[0] === -1) {
      this.#release(slot);
      return this.#handOver(slot, nowNs);
    }
    const { server, queue, handed, slots } = this.#oldest[slot.instance]!;
    const position = slot.requests.shift()!;
    slot.isInFlight = true;
    handed.push(position);
    slots.push(slot);
    queue.push(nowNs, 1, this.queue.shapes?.[position] ?? 0);
    // What comes next in the slot waits until this one is out of its batch.
    if (this.#options.partOf(position).isEnd) this.#release(slot);
    server.pushedAt(nowNs);
  }

  #oldestEnded(own: OldestInstance, nowNs: number): void {
    const { from, to } = own.running;
    for (let i = from; i < to; i++) own.slots[i]!.isInFlight = false;
    for (let i = from; i < to; i++) this.#handOver(own.slots[i]!, nowNs);
    own.server.executionEnded(0, nowNs);
  }

  // --------------------------------------------------------------------------------------------

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
    batch: { from: 0, to: 0, width: 0, startsNs: Infinity },
  };
}
