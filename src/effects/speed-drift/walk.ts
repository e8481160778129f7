import { type LognormalParameters, lognormalParameters, normal } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import type { SpeedDrift } from './effect.js';

/** The factor holds for so many milliseconds, and then another does. */
const STEP_MS = 10;

/**
 * How many times as long inferences take that begin now: exp of an autoregressive walk, once every {@link STEP_MS} of simulated time
 * from its beginning on, whatever is asked. Two walks on the same random numbers so have the same ups and downs, in components
 * that are simulated apart and for models that feel them more and less.
 */
export class SpeedDriftWalk {
  readonly #random: Random;
  readonly #law: LognormalParameters;
  readonly #kept: number;
  readonly #news: number;
  #step = 0;
  #height: number;
  #ratio: number;

  constructor({ cv, timeConstantMs }: SpeedDrift, random: Random) {
    this.#random = random;
    this.#law = lognormalParameters(1, cv);
    this.#kept = Math.exp(-STEP_MS / timeConstantMs);
    this.#news = Math.sqrt(1 - this.#kept ** 2);
    this.#height = normal(random);
    this.#ratio = this.#ratioNow();
  }

  /** Times at which it is asked never go back. */
  ratioAt(nowNs: number): number {
    const step = Math.floor(nowNs / (STEP_MS * 1e6));
    if (step <= this.#step) return this.#ratio;
    for (; this.#step < step; this.#step++)
      this.#height = this.#kept * this.#height + this.#news * normal(this.#random);
    this.#ratio = this.#ratioNow();
    return this.#ratio;
  }

  #ratioNow(): number {
    return Math.exp(this.#law.logMean + this.#law.logDeviation * this.#height);
  }
}
