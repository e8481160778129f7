import type { Slot } from './placement.js';

/** The best packings found, by their goal. */
export class BestPackings {
  readonly #goalOf: (slots: readonly Slot[]) => number;
  #kept: { readonly goal: number; readonly slots: readonly Slot[] }[] = [];

  constructor(goalOf: (slots: readonly Slot[]) => number) {
    this.#goalOf = goalOf;
  }

  add(slots: readonly Slot[]): void {
    this.#kept.push({ goal: this.#goalOf(slots), slots });
    this.#kept.sort((a, b) => a.goal - b.goal);
    this.#kept.length = Math.min(this.#kept.length, MOST_KEPT);
  }

  best(count: number): readonly (readonly Slot[])[] {
    return this.#kept.slice(0, count).map(({ slots }) => slots);
  }

  /** Replaces the packings by what `change` makes of them. */
  repair(change: (slots: readonly Slot[]) => readonly Slot[]): void {
    const old = this.#kept;
    this.#kept = [];
    for (const { slots } of old) this.add(change(slots));
  }
}

const MOST_KEPT = 6;
