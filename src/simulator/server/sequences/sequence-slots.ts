/** What a request says of its sequence. */
export interface SequencePart {
  /** Correlation id; 0 = none. */
  readonly id: number;
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

/** A place for one sequence on an instance. */
export interface Slot {
  readonly instance: number;
  readonly number: number;
  /** The sequence that has it; undefined: none, or its last request has come. */
  id: number | undefined;
  isFree: boolean;
  /** Its requests by their position in the model's queue, oldest first; -1 after the last of a sequence that was idle too long. */
  readonly requests: number[];
  /** Of an oldest batcher: one of its requests is in a batch. */
  isInFlight: boolean;
}

/** A sequence that waits for a slot, with all its requests so far. */
interface Waiting {
  readonly id: number;
  readonly requests: number[];
  hasEnded: boolean;
}

export interface SlotOptions {
  readonly instances: number;
  readonly slotsEach: number;
  /** A sequence that has sent nothing for so long loses its slot. */
  readonly idleNs: number;
}

/** How often sequences without a slot are looked at again once they were idle for too long (Triton: 50 ms). */
const LOOK_AGAIN_NS = 50e6;
/** The reaper wakes a microsecond after the time is over. */
const LATE_NS = 1000;

/**
 * Which sequence has which slot, and who waits for one (sequence_batch_scheduler.cc:666-1136). Free slots are taken by number,
 * over all instances; who waits is served in the order of first requests.
 */
export class SequenceSlots {
  readonly slots: readonly (readonly Slot[])[];
  readonly #idleNs: number;
  #used = 0;
  readonly #slotOf = new Map<number, Slot>();
  readonly #waitingOf = new Map<number, Waiting>();
  readonly #waiting: Waiting[] = [];
  /** When each sequence sent last. */
  readonly #sent = new LastSent();

  constructor({ instances, slotsEach, idleNs }: SlotOptions) {
    this.#idleNs = idleNs;
    this.slots = Array.from({ length: instances }, (_, instance) =>
      Array.from({ length: slotsEach }, (__, number) => ({
        instance,
        number,
        id: undefined,
        isFree: true,
        requests: [],
        isInFlight: false,
      })),
    );
  }

  /** When a sequence has been idle for too long next; Infinity: none is there. */
  get reapsNs(): number {
    return this.#sent.firstNs + this.#idleNs + LATE_NS;
  }

  /** Slots that a sequence has. */
  get used(): number {
    return this.#used;
  }

  /** Sequences that wait for a slot. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** A request has come. @returns the slot that has it now; undefined: it waits. False: it is refused. */
  enqueue(position: number, { id, isStart, isEnd }: SequencePart, nowNs: number): Slot | undefined | false {
    if (id === 0 || (!isStart && !this.#slotOf.has(id) && !this.#waitingOf.has(id))) return false;
    this.#sent.touch(id, nowNs);
    const waiting = this.#waitingOf.get(id);
    const slot = this.#slotOf.get(id) ?? (waiting === undefined ? this.#takeFree(id) : undefined);
    if (slot === undefined) this.#wait(waiting, { id, position, isEnd });
    else slot.requests.push(position);
    if (isEnd) this.#forget(id);
    return slot;
  }

  /** A slot's sequence is over: the next that waits moves in, with all its requests. @returns those that nobody serves any more */
  release(slot: Slot): number[] {
    const left = slot.requests.splice(0).filter((position) => position >= 0);
    if (slot.id !== undefined && this.#slotOf.get(slot.id) === slot) this.#forget(slot.id);
    const next = this.#waiting.shift();
    slot.id = next?.id;
    if (next === undefined) {
      if (!slot.isFree) this.#used--;
      slot.isFree = true;
      return left;
    }
    slot.isFree = false;
    slot.requests.push(...next.requests);
    if (next.hasEnded) slot.id = undefined;
    else {
      this.#waitingOf.delete(next.id);
      this.#slotOf.set(next.id, slot);
    }
    return left;
  }

  /** Ends what has been idle for too long. @returns the slots that are to be looked at */
  reap(nowNs: number): Slot[] {
    const found: Slot[] = [];
    while (this.reapsNs <= nowNs) {
      const id = this.#sent.firstId;
      const slot = this.#slotOf.get(id);
      if (slot === undefined) this.#sent.touch(id, nowNs + LOOK_AGAIN_NS - this.#idleNs - LATE_NS);
      else {
        this.#forget(id);
        slot.requests.push(-1);
        found.push(slot);
      }
    }
    return found;
  }

  #wait(
    waiting: Waiting | undefined,
    { id, position, isEnd }: { readonly id: number; readonly position: number; readonly isEnd: boolean },
  ): void {
    const own = waiting ?? { id, requests: [], hasEnded: false };
    own.requests.push(position);
    own.hasEnded = isEnd;
    if (waiting !== undefined) return;
    this.#waiting.push(own);
    if (!isEnd) this.#waitingOf.set(id, own);
  }

  #takeFree(id: number): Slot | undefined {
    let best: Slot | undefined;
    for (const own of this.slots) {
      const free = own.find(({ isFree }) => isFree);
      if (free !== undefined && (best === undefined || free.number < best.number)) best = free;
    }
    if (best === undefined) return undefined;
    best.isFree = false;
    this.#used++;
    best.id = id;
    this.#slotOf.set(id, best);
    return best;
  }

  /** Later requests with this id are of another sequence. */
  #forget(id: number): void {
    this.#slotOf.delete(id);
    this.#waitingOf.delete(id);
    this.#sent.forget(id);
  }
}

/** When sequences sent last, the one that did so first in front. Entries of a sequence that has sent again, or is over, are passed by. */
class LastSent {
  firstNs = Infinity;
  firstId = 0;
  /** Number of the entry of each sequence. */
  readonly #entryOf = new Map<number, number>();
  readonly #ids: number[] = [];
  readonly #timesNs: number[] = [];
  #head = 0;
  /** Entries that were taken away. */
  #gone = 0;

  touch(id: number, nowNs: number): void {
    this.#entryOf.set(id, this.#gone + this.#ids.push(id) - 1);
    this.#timesNs.push(nowNs);
    this.#find();
  }

  forget(id: number): void {
    this.#entryOf.delete(id);
    this.#find();
  }

  #find(): void {
    while (this.#head < this.#ids.length) {
      const id = this.#ids[this.#head]!;
      if (this.#entryOf.get(id) === this.#gone + this.#head) break;
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#ids.length) {
      this.#ids.splice(0, this.#head);
      this.#timesNs.splice(0, this.#head);
      this.#gone += this.#head;
      this.#head = 0;
    }
    this.firstNs = this.#timesNs[this.#head] ?? Infinity;
    this.firstId = this.#ids[this.#head] ?? 0;
  }
}
