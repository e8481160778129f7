/**
 * The payloads of one model that wait for an instance, oldest first; shared by all its instances.
 * A payload is a range of the model's requests in the order in which the batcher took them: payloads
 * are formed one after the other and only the newest grows, so ranges never interleave.
 */
export class PayloadQueue {
  length = 0;
  from: Int32Array;
  to: Int32Array;
  /** Inferences of each payload. */
  batch: Int32Array;
  /** Batcher clock of its oldest request. */
  oldestNs: Float64Array;
  /** Nothing may be merged into it or with it (a request of another shape came after it). */
  closed: Uint8Array;
  #mask: number;
  #head = 0;

  constructor(capacity: number) {
    let size = 4;
    while (size < capacity) size *= 2;
    this.#mask = size - 1;
    this.from = new Int32Array(size);
    this.to = new Int32Array(size);
    this.batch = new Int32Array(size);
    this.oldestNs = new Float64Array(size);
    this.closed = new Uint8Array(size);
  }

  /** Slot of the oldest payload; its columns are read at this index. */
  get head(): number {
    return this.#head;
  }

  get isFull(): boolean {
    return this.length === this.from.length;
  }

  /** Appends a payload and gives its slot. */
  push(from: number, to: number, batch: number, oldestNs: number): number {
    const slot = (this.#head + this.length++) & this.#mask;
    this.from[slot] = from;
    this.to[slot] = to;
    this.batch[slot] = batch;
    this.oldestNs[slot] = oldestNs;
    this.closed[slot] = 0;
    return slot;
  }

  /** Drops the oldest payload and gives the slot it was in, readable until the next push. */
  shift(): number {
    const slot = this.#head;
    this.#head = (slot + 1) & this.#mask;
    this.length--;
    return slot;
  }

  /** Makes the payload that begins at that request the oldest one; those before it stay in order. */
  bringToHead(from: number): void {
    let slot = this.#head;
    while (this.from[slot] !== from) slot = (slot + 1) & this.#mask;
    for (const column of [this.from, this.to, this.batch, this.oldestNs, this.closed]) {
      const value = column[slot]!;
      for (let at = slot; at !== this.#head; at = (at - 1) & this.#mask)
        column[at] = column[(at - 1) & this.#mask]!;
      column[this.#head] = value;
    }
  }

  /**
   * Makes room for so many payloads.
   * @returns the slot in which the payload of slot `slot` is now
   */
  reserve(capacity: number, slot: number): number {
    const size = this.from.length;
    if (capacity <= size) return slot;
    const larger = new PayloadQueue(capacity);
    for (let i = 0; i < this.length; i++) {
      const old = (this.#head + i) & this.#mask;
      larger.push(this.from[old]!, this.to[old]!, this.batch[old]!, this.oldestNs[old]!);
      larger.closed[i] = this.closed[old]!;
    }
    const moved = slot < 0 ? slot : (slot - this.#head) & this.#mask;
    ({
      from: this.from,
      to: this.to,
      batch: this.batch,
      oldestNs: this.oldestNs,
      closed: this.closed,
    } = larger);
    this.#mask = larger.#mask;
    this.#head = 0;
    return moved;
  }
}
