import type { EnsembleRun } from './ensembles.js';

/** Limits of steps (`max_inflight_requests`, from 25.11 on) are of each request, and from this release on of all of an ensemble (core, pull request 482). */
export const LIMITS_SHARED_SINCE = '26.04';

/** A thread that waits for so long goes on (core `constants.h:103`). */
export const LONGEST_WAIT_NS = 300e9;

/** A thread that hands a request on to steps, one after the other. */
export interface HandOver {
  readonly run: EnsembleRun;
  readonly steps: readonly number[];
  /** Place of the next one. */
  next: number;
  /** Hears, where that took time, when it is done. */
  goOn: () => void;
}

/** How many calls of one step may be under way (`max_inflight_requests`); who hands on another waits (ensemble_scheduler.cc, `Acquire`). */
export class StepLimit {
  readonly #most: number;
  #inFlight = 0;
  readonly #waiting: HandOver[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns whether there is room for a call; else the thread waits */
  takes(handOver: HandOver): boolean {
    if (this.#inFlight >= this.#most) {
      this.#waiting.push(handOver);
      return false;
    }
    this.#inFlight++;
    return true;
  }

  /** A call has ended. @returns the thread that waits for its place, which it has now */
  ended(): HandOver | undefined {
    this.#inFlight--;
    if (this.#waiting.length === 0 || this.#inFlight >= this.#most) return undefined;
    this.#inFlight++;
    return this.#waiting.shift();
  }

  /** It has waited for too long. @returns whether it still waits: then it goes on, above the limit */
  expires(handOver: HandOver): boolean {
    const place = this.#waiting.indexOf(handOver);
    if (place < 0) return false;
    this.#waiting.splice(place, 1);
    this.#inFlight++;
    return true;
  }
}
