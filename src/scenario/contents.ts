import type { Random } from '../base/random.js';
import type { Contents } from './scenario.js';

/** Contents that a tenant's law may tell apart: what the key of each has room for. */
export const MOST_CONTENTS = 2 ** 24;

/** Draws what a request holds: the object of rank r with a probability in proportion to r^-exponent (Zipf). */
export class ContentSampler {
  readonly #random: Random;
  /** Probability of the objects up to each one. */
  readonly #below: Float64Array;
  /** Of as many equal parts of 0..1 the first object that may lie in each. */
  readonly #first: Int32Array;

  constructor({ objects, exponent }: Contents, random: Random) {
    this.#random = random;
    this.#below = new Float64Array(objects);
    let sum = 0;
    for (let rank = 1; rank <= objects; rank++) this.#below[rank - 1] = sum += rank ** -exponent;
    for (let i = 0; i < objects; i++) this.#below[i]! /= sum;
    this.#first = new Int32Array(objects);
    for (let part = 0, object = 0; part < objects; part++) {
      while (object < objects - 1 && this.#below[object]! <= part / objects) object++;
      this.#first[part] = object;
    }
  }

  /** Number of an object, from 0. */
  next(): number {
    const drawn = this.#random.next();
    const last = this.#below.length - 1;
    let object = this.#first[Math.floor(drawn * (last + 1))]!;
    while (object < last && this.#below[object]! <= drawn) object++;
    // The part may be one too high where the product is rounded.
    while (object > 0 && this.#below[object - 1]! > drawn) object--;
    return object;
  }
}
