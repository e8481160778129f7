/**
 * A server's front-end handler threads: requests are taken in order of arrival, one thread each, and
 * wait while all threads are busy (Triton: completion-queue handlers, 2 for gRPC, 8 for HTTP).
 */
export class FrontEnd {
  readonly #threads: number;
  readonly #waiting: number[] = [];
  #head = 0;
  #busy = 0;
  #held = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** A request comes in: true when a thread takes it at once, else it waits. */
  enter(row: number): boolean {
    if (this.#busy < this.#threads) {
      this.#busy++;
      return true;
    }
    this.#waiting.push(row);
    return false;
  }

  /** Whether threads are held up by requests that they have taken in. */
  get isHeld(): boolean {
    return this.#held > 0;
  }

  /** Whether no thread would take a request at once. */
  get isFull(): boolean {
    return this.#busy >= this.#threads;
  }

  /** A thread is held up by the request that it has just taken in. */
  hold(): void {
    this.#held++;
    this.#busy++;
  }

  /** It goes on: gives the next request that it takes, or -1. */
  release(): number {
    this.#held--;
    return this.leave();
  }

  /** A thread is done with its request: gives the next one it takes, or -1. */
  leave(): number {
    // One that was held up had let another take its place.
    if (this.#head < this.#waiting.length && this.#busy <= this.#threads) {
      const row = this.#waiting[this.#head++]!;
      if (this.#head === this.#waiting.length) {
        this.#waiting.length = 0;
        this.#head = 0;
      }
      return row;
    }
    this.#busy--;
    return -1;
  }
}
