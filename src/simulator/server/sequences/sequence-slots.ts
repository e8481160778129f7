import { SEQUENCE_END, SEQUENCE_START } from '../../../trace/sequence-flags.js';
import { endsOfRing, type InRing, putLast, takeOut } from '../../containers/ring.js';
import { StdPriorityQueue } from '../../containers/std-priority-queue.js';

/** A place for one sequence on an instance. */
export interface Slot {
  readonly instance: number;
  readonly number: number;
  /** The sequence that has it; undefined: none. */
  sequence: Sequence | undefined;
  /** Its requests by their position in the model's queue, oldest first; -1 after the last of a sequence that was idle too long. */
  readonly requests: number[];
  /** Of an oldest batcher: one of its requests is in a batch. */
  isInFlight: boolean;
}

/** Requests with one correlation id, from START to END. They stand in a ring in the order in which they sent last, until the reaper meets them. */
interface Sequence extends InRing<Sequence> {
  readonly id: number;
  /** Undefined while it waits for one. */
  slot: Slot | undefined;
  /** What came while it waited. */
  readonly requests: number[];
  /** Whether requests with its id belong to it. */
  isOpen: boolean;
  sentNs: number;
}

export interface SlotOptions {
  readonly instances: number;
  readonly slotsEach: number;
  /** A sequence that has sent nothing for so long loses its slot. */
  readonly idleNs: number;
}

/** Sequences without a slot are looked at again so often once they were idle for too long, and as often as a sequence may be idle. */
const LOOK_AGAIN_NS = 50e6;
const NONE: readonly number[] = [];
/** The reaper wakes a microsecond after the time is over. */
const LATE_NS = 1000;

/**
 * Which sequence has which slot, and who waits for one (sequence_batch_scheduler.cc:666-1136). Free slots are taken by number,
 * over all instances, and those of one number in the order of its `std::priority_queue`; who waits is served in the order of first requests.
 */
export class SequenceSlots {
  readonly slots: readonly (readonly Slot[])[];
  readonly #idleNs: number;
  readonly #free = new StdPriorityQueue<Slot>((a, b) => a.number > b.number);
  #used = 0;
  /** The last one of each correlation id: also those that have ended, until the reaper has met them. */
  readonly #last = new Map<number, Sequence>();
  /** Those that have waited for a slot since they were idle for too long, and when they are looked at again. */
  readonly #stale = new Set<Sequence>();
  #looksAgainNs = Infinity;
  /** Those that wait for a slot. */
  readonly #waiting: Sequence[] = [];
  /** After it the sequence that sent last longest ago, before it the one that did last. */
  readonly #ends = endsOfRing<Sequence>({
    id: 0,
    slot: undefined,
    requests: [],
    isOpen: false,
    sentNs: Infinity,
  });

  constructor({ instances, slotsEach, idleNs }: SlotOptions) {
    this.#idleNs = idleNs;
    this.slots = Array.from({ length: instances }, (_, instance) =>
      Array.from({ length: slotsEach }, (__, number) => ({
        instance,
        number,
        sequence: undefined,
        requests: [],
        isInFlight: false,
      })),
    );
    for (const slot of this.slots.flat()) this.#free.push(slot);
  }

  /** When a sequence has been idle for too long next; Infinity: none is there. */
  get reapsNs(): number {
    return Math.min(this.#nextIdleNs, this.#looksAgainNs);
  }

  /** Slots that a sequence has. */
  get used(): number {
    return this.#used;
  }

  /** Sequences that wait for a slot. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * A request has come.
   * @param id of its sequence; 0 = none
   * @param flags what it does in it
   * @returns the slot that has it now; undefined: it waits. False: it is refused.
   */
  enqueue(position: number, id: number, flags: number, nowNs: number): Slot | undefined | false {
    let sequence = this.#last.get(id);
    const isOpen = sequence?.isOpen === true;
    if (id === 0 || (!isOpen && (flags & SEQUENCE_START) === 0)) return false;
    if (sequence !== undefined) this.#takeOut(sequence);
    if (sequence === undefined || !isOpen) sequence = this.#begin(id);
    sequence.sentNs = nowNs;
    putLast(this.#ends, sequence);
    const { slot } = sequence;
    (slot ?? sequence).requests.push(position);
    if ((flags & SEQUENCE_END) !== 0) sequence.isOpen = false;
    return slot;
  }

  /** A slot's sequence is over: the next that waits moves in, with all its requests. @returns those that nobody serves any more */
  release(slot: Slot): readonly number[] {
    const left =
      slot.requests.length === 0 ? NONE : slot.requests.splice(0).filter((position) => position >= 0);
    if (slot.sequence?.isOpen === true) this.#close(slot.sequence);
    const next = this.#waiting.shift();
    slot.sequence = next;
    if (next === undefined) {
      this.#used--;
      this.#free.push(slot);
      return left;
    }
    for (const position of next.requests) slot.requests.push(position);
    next.slot = slot;
    return left;
  }

  /**
   * Ends what has been idle for too long. Whatever made the reaper wake, it looks at all (sequence_batch_scheduler.cc:1056-1136).
   * @returns the slots that are to be looked at
   */
  reap(nowNs: number): Slot[] {
    for (let next = this.#ends.later; next.sentNs + this.#idleNs <= nowNs; next = this.#ends.later) {
      takeOut(next);
      if (next.isOpen) this.#stale.add(next);
      else this.#last.delete(next.id);
    }
    const found: Slot[] = [];
    for (const sequence of this.#stale) {
      const { slot } = sequence;
      if (slot === undefined) continue;
      this.#close(sequence);
      slot.requests.push(-1);
      found.push(slot);
    }
    this.#looksAgainNs =
      this.#stale.size > 0
        ? Math.min(nowNs + Math.min(LOOK_AGAIN_NS, this.#idleNs), this.#nextIdleNs)
        : Infinity;
    return found;
  }

  /** A sequence is over with what it has. @returns the slot that is to be looked at; undefined: it has none any more */
  finish(id: number): Slot | undefined {
    const sequence = this.#last.get(id);
    if (sequence?.isOpen !== true) return undefined;
    this.#close(sequence);
    sequence.slot?.requests.push(-1);
    return sequence.slot;
  }

  #begin(id: number): Sequence {
    const slot = this.#free.pop();
    const { earlier, later } = this.#ends;
    const sequence: Sequence = { id, slot, requests: [], isOpen: true, sentNs: 0, earlier, later };
    if (slot === undefined) this.#waiting.push(sequence);
    else {
      slot.sequence = sequence;
      this.#used++;
    }
    this.#last.set(id, sequence);
    return sequence;
  }

  get #nextIdleNs(): number {
    return this.#ends.later.sentNs + this.#idleNs + LATE_NS;
  }

  /** Later requests with its id are of another sequence, and the reaper knows nothing of it any more. */
  #close(sequence: Sequence): void {
    sequence.isOpen = false;
    this.#last.delete(sequence.id);
    this.#takeOut(sequence);
  }

  #takeOut(sequence: Sequence): void {
    if (!this.#stale.delete(sequence)) takeOut(sequence);
  }
}
