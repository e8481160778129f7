/** Threads for the callbacks of all ensembles of a server, and the most callbacks that wait for one (core `constants.h:70`). */
const THREADS = 8;

/** What a step's answer leads to. @returns how long that keeps its thread, nanoseconds; Infinity: until somebody else goes on */
type Callback = () => number;

/**
 * The threads on which answers of steps are handed on. While all are busy as many callbacks wait; further ones run on the
 * thread that brings the answer (ensemble_scheduler.cc, `ResponseComplete`).
 */
export class CallbackPool {
  #busy = 0;
  readonly #waiting: Callback[] = [];
  readonly #onTaken: (ns: number) => void;

  /** @param onTaken a thread is busy for so long from now on: then it is to be freed */
  constructor(onTaken: (ns: number) => void) {
    this.#onTaken = onTaken;
  }

  /** @returns whether one of its threads runs the callback, now or later */
  takes(callback: Callback): boolean {
    if (this.#busy === THREADS && this.#waiting.length === THREADS) return false;
    if (this.#busy === THREADS) this.#waiting.push(callback);
    else this.#run(callback);
    return true;
  }

  /** A thread is done with its callback. */
  free(): void {
    this.#busy--;
    while (this.#busy < THREADS && this.#waiting.length > 0) this.#run(this.#waiting.shift()!);
  }

  #run(callback: Callback): void {
    this.#busy++;
    const ns = callback();
    if (ns > 0) this.#onTaken(ns);
    else this.#busy--;
  }
}
