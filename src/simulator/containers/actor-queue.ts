/** Up to so many actors are searched one by one; a heap only pays beyond. */
const SEARCHED = 12;

/**
 * The parts of a component by the time of their next event; equal times leave in order of index. Few actors are
 * searched, many are kept in a binary heap: unlike the items of a `ColumnHeap` they stay, and their times change in place.
 */
export class ActorQueue {
  /** Set by {@link find}: the actor whose event is next, when it is due, and when any other's is. */
  first = 0;
  firstNs = Infinity;
  secondNs = Infinity;
  readonly #timeNs: Float64Array;
  readonly #heap: Int32Array;
  readonly #position: Int32Array;
  readonly #searched: boolean;

  constructor(actors: number) {
    this.#timeNs = new Float64Array(actors).fill(Infinity);
    this.#heap = Int32Array.from({ length: actors }, (_, i) => i);
    this.#position = this.#heap.slice();
    this.#searched = actors <= SEARCHED;
  }

  /** Finds what is next. */
  find(): void {
    if (this.#searched) this.#search();
    else this.#look();
  }

  /** The next event of `actor` is now due at `timeNs`. */
  update(actor: number, timeNs: number): void {
    const oldNs = this.#timeNs[actor]!;
    this.#timeNs[actor] = timeNs;
    if (this.#searched || timeNs === oldNs) return;
    if (timeNs < oldNs) this.#up(this.#position[actor]!, actor, timeNs);
    else this.#down(this.#position[actor]!, actor, timeNs);
  }

  #search(): void {
    const timeNs = this.#timeNs;
    let first = 0;
    let firstNs = Infinity;
    let secondNs = Infinity;
    for (let actor = 0; actor < timeNs.length; actor++) {
      const ns = timeNs[actor]!;
      if (ns < firstNs) {
        secondNs = firstNs;
        firstNs = ns;
        first = actor;
      } else if (ns < secondNs) secondNs = ns;
    }
    this.first = first;
    this.firstNs = firstNs;
    this.secondNs = secondNs;
  }

  #look(): void {
    const heap = this.#heap;
    this.first = heap[0]!;
    this.firstNs = this.#timeNs[heap[0]!]!;
    let secondNs = Infinity;
    for (let i = 1; i < 3 && i < heap.length; i++) secondNs = Math.min(secondNs, this.#timeNs[heap[i]!]!);
    this.secondNs = secondNs;
  }

  #up(start: number, actor: number, timeNs: number): void {
    const heap = this.#heap;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const other = heap[parent]!;
      if (!this.#before(actor, timeNs, other)) break;
      heap[index] = other;
      this.#position[other] = index;
      index = parent;
    }
    heap[index] = actor;
    this.#position[actor] = index;
  }

  #down(start: number, actor: number, timeNs: number): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#before(heap[child + 1]!, this.#timeNs[heap[child + 1]!]!, heap[child]!))
        child++;
      const other = heap[child]!;
      if (this.#before(actor, timeNs, other)) break;
      heap[index] = other;
      this.#position[other] = index;
      index = child;
    }
    heap[index] = actor;
    this.#position[actor] = index;
  }

  #before(actor: number, timeNs: number, other: number): boolean {
    const otherNs = this.#timeNs[other]!;
    return timeNs < otherNs || (timeNs === otherNs && actor < other);
  }
}
