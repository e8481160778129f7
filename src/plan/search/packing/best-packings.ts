import type { Slot } from '../../placement.js';

/** The best packings found, by their goal. */
export class BestPackings {
  readonly #goalOf: (slots: readonly Slot[]) => number;
  #kept: { readonly goal: number; readonly slots: readonly Slot[] }[] = [];

  constructor(goalOf: (slots: readonly Slot[]) => number) {
    this.#goalOf = goalOf;
  }

  /** Keeps it if it is among the best, and gives its goal. */
  add(slots: readonly Slot[]): number {
    const goal = this.#goalOf(slots);
    this.#kept.push({ goal, slots });
    this.#kept.sort((a, b) => a.goal - b.goal);
    this.#kept.length = Math.min(this.#kept.length, MOST_KEPT);
    return goal;
  }

  best(count: number): readonly (readonly Slot[])[] {
    return this.#kept.slice(0, count).map(({ slots }) => slots);
  }

  /** Gives the best and keeps none. */
  takeBest(count: number): readonly (readonly Slot[])[] {
    const best = this.best(count);
    this.#kept = [];
    return best;
  }
}

const MOST_KEPT = 6;
