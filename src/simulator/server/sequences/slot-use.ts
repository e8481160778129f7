import { Level } from '../../containers/level.js';
import type { SequenceUse } from '../../result.js';

/** How many sequences of a model had a slot, and how many waited for one. */
export class SlotUse {
  readonly #slots: number;
  readonly #used = new Level();
  readonly #waiting = new Level();

  constructor(slots: number) {
    this.#slots = slots;
  }

  set(used: number, waiting: number, nowNs: number): void {
    this.#used.set(used, nowNs);
    this.#waiting.set(waiting, nowNs);
  }

  /** Of a run that lasted so long. */
  of(durationNs: number): SequenceUse {
    const figures = (level: Level) => ({ mean: level.mean(durationNs), most: level.most });
    return { slots: this.#slots, slotsUsed: figures(this.#used), waiting: figures(this.#waiting) };
  }
}
