import { geometric } from '../../../base/distributions.js';
import type { Random } from '../../../base/random.js';
import type { IterationLaw } from '../../../scenario/scenario.js';

/** A whole number with that mean; of a mean below 1 it is 0 or 1. */
export function drawCount({ law, mean }: Pick<IterationLaw, 'law' | 'mean'>, random: Random): number {
  if (mean > 0 && mean < 1) return Number(random.next() < mean);
  return law === 'constant' || mean === 0 ? Math.round(mean) : geometric(random, mean);
}

/**
 * How often requests of a model with iterative sequences are still to be executed, by row (sequence_utils.cc, r24.10): its
 * backend reschedules a request, which goes into its slot again, until it is done.
 */
export class Iterations {
  /** Whether each execution gives a response. */
  readonly streams: boolean;
  readonly #law: IterationLaw;
  readonly #random: Random;
  readonly #left = new Map<number, number>();

  constructor(law: IterationLaw, random: Random) {
    this.#law = law;
    this.#random = random;
    this.streams = law.streams;
  }

  begin(row: number): void {
    this.#left.set(row, drawCount(this.#law, this.#random));
  }

  /** Whether it is to be executed after the execution under way. */
  goesOn(row: number): boolean {
    return this.#left.get(row)! > 1;
  }

  /** It has been executed. */
  executed(row: number): void {
    this.#left.set(row, this.#left.get(row)! - 1);
  }

  /** Whether it is to be executed again. */
  isUnderWay(row: number): boolean {
    return this.#left.has(row);
  }

  /** It has its answer, or an error. */
  end(row: number): void {
    this.#left.delete(row);
  }
}
