/**
 * The parts of a component by the time of their next event: an indexed binary heap whose keys
 * change in place. Equal times leave in order of index.
 */
export class ActorQueue {
  readonly #timeNs: Float64Array;
  readonly #heap: Int32Array;
  readonly #position: Int32Array;

  constructor(actors: number) {
    this.#timeNs = new Float64Array(actors).fill(Infinity);
    this.#heap = Int32Array.from({ length: actors }, (_, i) => i);
    this.#position = this.#heap.slice();
  }

  /** The actor whose event is next. */
  get first(): number {
    return this.#heap[0]!;
  }

  get firstNs(): number {
    return this.#timeNs[this.#heap[0]!]!;
  }

  /** When the next event of any other actor than the first is due. */
  get secondNs(): number {
    const heap = this.#heap;
    let ns = Infinity;
    for (let i = 1; i < 3 && i < heap.length; i++) ns = Math.min(ns, this.#timeNs[heap[i]!]!);
    return ns;
  }

  /** The next event of `actor` is now due at `timeNs`. */
  update(actor: number, timeNs: number): void {
    const oldNs = this.#timeNs[actor]!;
    if (timeNs === oldNs) return;
    this.#timeNs[actor] = timeNs;
    if (timeNs < oldNs) this.#up(this.#position[actor]!, actor, timeNs);
    else this.#down(this.#position[actor]!, actor, timeNs);
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
      if (child + 1 < length && this.#before(heap[child + 1]!, this.#timeNs[heap[child + 1]!]!, heap[child]!)) child++;
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
