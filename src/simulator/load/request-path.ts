import type { EffectiveNetworkDelay } from '../../scenario/scenario.js';

/**
 * The way of the requests for one model to its server. What threads take to wake at its end they take once: a request that
 * would reach them before they are awake for the one before it is taken in together with that (measured on a Triton that was
 * idle: of two requests 0.1 to 0.3 ms apart two thirds are executed together, although either is 0.2 ms on its way).
 */
export class RequestPath {
  readonly #delayNs: number;
  readonly #wakeNs: number;
  /** When the threads that wake are awake. */
  #awakeNs = Number.NEGATIVE_INFINITY;

  constructor({ requestDelayUs, wakeUs }: EffectiveNetworkDelay) {
    this.#delayNs = requestDelayUs * 1000;
    this.#wakeNs = wakeUs * 1000;
  }

  /**
   * How long every request is on its way, where that is the same whole number of nanoseconds for all: then its time of
   * sending follows from its arrival, to the last digit. Undefined where it is not.
   */
  get evenDelayNs(): number | undefined {
    return this.#wakeNs === 0 && Number.isInteger(this.#delayNs) ? this.#delayNs : undefined;
  }

  /** When a request gets there that is sent now; to be asked in the order in which they are sent. */
  arrivalNs(sentNs: number, waitNs = 0): number {
    const ownNs = sentNs + this.#delayNs + waitNs;
    const soonestNs = ownNs - this.#wakeNs;
    if (soonestNs < this.#awakeNs) return Math.min(ownNs, Math.max(soonestNs, this.#awakeNs));
    this.#awakeNs = ownNs;
    return ownNs;
  }
}
