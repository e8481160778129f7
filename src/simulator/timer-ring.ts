/**
 * Timers that are set in the order in which they fire: a delay that is always the same, counted from
 * a clock that never goes back. A ring of two flat arrays instead of a heap.
 */
export class TimerRing {
  /** When the earliest timer fires; Infinity when none is set. */
  nextNs = Infinity;
  #atNs = new Float64Array(16);
  #value = new Int32Array(16);
  #head = 0;
  #length = 0;

  push(atNs: number, value: number): void {
    if (this.#length === this.#atNs.length) this.#grow();
    const slot = (this.#head + this.#length) & (this.#atNs.length - 1);
    this.#atNs[slot] = atNs;
    this.#value[slot] = value;
    if (this.#length++ === 0) this.nextNs = atNs;
  }

  /** Takes the earliest timer and gives its value. */
  pop(): number {
    const value = this.#value[this.#head]!;
    this.#head = (this.#head + 1) & (this.#atNs.length - 1);
    this.nextNs = --this.#length === 0 ? Infinity : this.#atNs[this.#head]!;
    return value;
  }

  #grow(): void {
    const size = this.#atNs.length;
    const atNs = new Float64Array(size * 2);
    const value = new Int32Array(size * 2);
    for (let i = 0; i < size; i++) {
      atNs[i] = this.#atNs[(this.#head + i) & (size - 1)]!;
      value[i] = this.#value[(this.#head + i) & (size - 1)]!;
    }
    this.#atNs = atNs;
    this.#value = value;
    this.#head = 0;
  }
}
