/**
 * `std::priority_queue` of libstdc++, with its order among equals. Triton keeps free slots of sequences in one, and instances that
 * wait for resources of the rate limiter: who is next depends on it.
 */
export class StdPriorityQueue<T> {
  readonly #heap: T[] = [];
  readonly #isBehind: (a: T, b: T) => boolean;

  /** @param isBehind whether a comes after b */
  constructor(isBehind: (a: T, b: T) => boolean) {
    this.#isBehind = isBehind;
  }

  /** The next one. */
  get top(): T | undefined {
    return this.#heap[0];
  }

  push(item: T): void {
    this.#rise(this.#heap.push(item) - 1, item);
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) this.#rise(this.#sink(), last);
    return top;
  }

  /** Moves the better child up, the second of equals, from the top to the bottom. @returns the place that is empty then */
  #sink(): number {
    const heap = this.#heap;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 2;
      if (child > heap.length) return hole;
      if (child === heap.length || this.#isBehind(heap[child]!, heap[child - 1]!)) child--;
      heap[hole] = heap[child]!;
      hole = child;
    }
  }

  #rise(from: number, item: T): void {
    const heap = this.#heap;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBehind(heap[parent]!, item)) break;
      heap[hole] = heap[parent]!;
      hole = parent;
    }
    heap[hole] = item;
  }
}
