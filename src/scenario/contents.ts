import type { Random } from '../base/random.js';
import type { Contents } from './scenario.js';

/** Contents that a tenant's law may tell apart: what the key of each has room for. */
export const MOST_CONTENTS = 2 ** 24;

/** Draws what a request holds: the object of rank r with a probability in proportion to r^-exponent (Zipf). */
export class ContentSampler {
  readonly #random: Random;
  /** Probability of the objects up to each one. */
  readonly #below: Float64Array;

  constructor({ objects, exponent }: Contents, random: Random) {
    this.#random = random;
    this.#below = new Float64Array(objects);
    let sum = 0;
    for (let rank = 1; rank <= objects; rank++) this.#below[rank - 1] = sum += rank ** -exponent;
    for (let i = 0; i < objects; i++) this.#below[i]! /= sum;
  }

  /** Number of an object, from 0. */
  next(): number {
    const drawn = this.#random.next();
    let [low, high] = [0, this.#below.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#below[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
