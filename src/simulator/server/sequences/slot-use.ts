import type { SequenceUse } from '../../result.js';

/** A number that changes with time. */
class Level {
  most = 0;
  #now = 0;
  #sinceNs = 0;
  #sum = 0;

  set(value: number, nowNs: number): void {
    if (value === this.#now) return;
    this.#sum += this.#now * (nowNs - this.#sinceNs);
    this.#sinceNs = nowNs;
    this.#now = value;
    this.most = Math.max(this.most, value);
  }

  /** Over the time from 0 on. */
  mean(endNs: number): number {
    return (this.#sum + this.#now * Math.max(0, endNs - this.#sinceNs)) / endNs;
  }
}

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
