/**
 * Moments that are due, of which only the earliest is asked for: a binary heap. Which of equal moments leaves
 * first makes no difference, as nothing else belongs to them.
 */
export class DueTimes {
  readonly #ns: Float64Array;
  #length: number;

  /** At most as many moments at once as there are at the start. */
  constructor(initialNs: readonly number[]) {
    // Ascending order is a heap.
    this.#ns = Float64Array.from(initialNs).sort();
    this.#length = initialNs.length;
  }

  /** The earliest; Infinity when there is none. */
  get firstNs(): number {
    return this.#length === 0 ? Infinity : this.#ns[0]!;
  }

  push(atNs: number): void {
    const ns = this.#ns;
    let index = this.#length++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (ns[parent]! <= atNs) break;
      ns[index] = ns[parent]!;
      index = parent;
    }
    ns[index] = atNs;
  }

  /** Takes the earliest away. */
  pop(): void {
    const ns = this.#ns;
    const length = --this.#length;
    const atNs = ns[length]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && ns[child + 1]! < ns[child]!) child++;
      if (ns[child]! >= atNs) break;
      ns[index] = ns[child]!;
      index = child;
    }
    ns[index] = atNs;
  }
}
