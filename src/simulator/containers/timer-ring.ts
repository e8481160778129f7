/**
 * Timers that are set nearly in the order in which they fire: one of a few short delays, counted from
 * a clock that never goes back. A ring of two flat arrays instead of a heap; of two timers for the same
 * time the one that was set first fires first.
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
    const mask = this.#atNs.length - 1;
    let slot = (this.#head + this.#length) & mask;
    for (let later = this.#length; later > 0; later--) {
      const before = (slot - 1) & mask;
      if (this.#atNs[before]! <= atNs) break;
      this.#atNs[slot] = this.#atNs[before]!;
      this.#value[slot] = this.#value[before]!;
      slot = before;
    }
    this.#atNs[slot] = atNs;
    this.#value[slot] = value;
    this.#length++;
    if (atNs < this.nextNs) this.nextNs = atNs;
  }

  /** Takes the earliest timer and gives its value. */
  pop(): number {
    const value = this.#value[this.#head]!;
    this.#head = (this.#head + 1) & (this.#atNs.length - 1);
    this.nextNs = --this.#length === 0 ? Infinity : this.#atNs[this.#head]!;
    return value;
  }

  /**
   * Takes the timer of that value out, of which there is at most one.
   * @returns whether there was one
   */
  remove(value: number): boolean {
    const mask = this.#atNs.length - 1;
    let place = 0;
    while (place < this.#length && this.#value[(this.#head + place) & mask] !== value) place++;
    if (place === this.#length) return false;
    for (; place + 1 < this.#length; place++) {
      const slot = (this.#head + place) & mask;
      const after = (slot + 1) & mask;
      this.#atNs[slot] = this.#atNs[after]!;
      this.#value[slot] = this.#value[after]!;
    }
    this.nextNs = --this.#length === 0 ? Infinity : this.#atNs[this.#head]!;
    return true;
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
