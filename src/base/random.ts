import alea from 'seedrandom/lib/alea.js';

/**
 * A source of random numbers: sfc32 (small fast counter, 128 bits of state; C. Doty-Humphrey's
 * PractRand). Chosen because it passes PractRand and costs 2-3 ns a draw, where seedrandom's
 * generators cost 6-24 ns behind a closure.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** Seeds the state from four 32-bit words and discards the first 12 draws, as its author advises. */
  constructor(a: number, b: number, c: number, counter = 1) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  /** A uniform integer in [0, 2^32). */
  nextUint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A uniform number in [0, 1) with 32 random bits. */
  next(): number {
    return this.nextUint32() * 2.3283064365386963e-10;
  }

  /** A uniform number in (0, 1): never 0, so that its logarithm is finite. */
  nextOpen(): number {
    return (this.nextUint32() + 0.5) * 2.3283064365386963e-10;
  }

  /** A uniform integer in [0, bound). */
  nextInt(bound: number): number {
    return Math.floor(this.next() * bound);
  }
}

/**
 * Random streams drawn by name from one seed. Two names give independent streams, and a stream
 * depends on nothing but the seed and its own name: a new consumer (a tenant, say) never shifts
 * another's numbers.
 */
export class RandomStreams {
  readonly seed: number | string;

  constructor(seed: number | string) {
    this.seed = seed;
  }

  /** The stream of that name, always from its beginning. */
  get(name: string): Random {
    const words = alea(`${String(this.seed)}\u0000${name}`);
    return new Random(words.int32(), words.int32(), words.int32());
  }
}
