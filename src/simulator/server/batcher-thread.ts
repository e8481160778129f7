/** How often a sleeping batcher looks around without having been signalled (Triton: 500 ms). */
export const BATCHER_SLEEP_NS = 500e6;

/**
 * When a sleep that nobody ended by a signal ends, for a batcher that fell asleep with an empty queue and
 * found a request of `arrivedNs` at one of its looks around.
 */
export function sleepEndNs(asleepSinceNs: number, arrivedNs: number): number {
  const rounds = Math.floor((arrivedNs - asleepSinceNs) / BATCHER_SLEEP_NS) + 1;
  return asleepSinceNs + Math.max(1, rounds) * BATCHER_SLEEP_NS;
}

/** The thread that forms the batches of one model: when it runs next, and what wakes it. */
export class BatcherThread {
  /** When it runs next, by a signal or because its sleep ends; Infinity: it sleeps until it is signalled. */
  nextNs = Infinity;
  /** A signal is under way; further ones before it has run are part of it. */
  signalled = false;
  /** It goes round and round with requests that fit nowhere, until an instance takes the waiting payload. */
  spinning = false;
  /** From a signal until it runs. */
  readonly wakeNs: number;
  /** The same while the instance for which it last made a payload is waking. */
  readonly awakeNs: number;
  #asleepSinceNs = 0;
  /** When a sleep ends at whose begin the queue was empty, if nobody signals before. */
  #lookAroundNs = Number.NaN;
  /** While it waits for a free slot: when it looks around unasked. */
  #slotWaitEndNs = Infinity;
  /** The last round that was skipped because it would have found nothing; signals until then are part of it. */
  #idleRoundNs = -1;

  constructor(wakeNs: number, awakeNs: number) {
    this.wakeNs = wakeNs;
    this.awakeNs = awakeNs;
  }

  /** Whether it runs next because its longest sleep will be over, not by a signal. */
  get looksUnasked(): boolean {
    return !this.signalled && (this.nextNs === this.#lookAroundNs || this.nextNs === this.#slotWaitEndNs);
  }

  /** Something happened at `nowNs` that it must look at; it runs `afterNs` later. */
  signal(nowNs: number, afterNs = this.wakeNs): void {
    if (this.signalled || nowNs <= this.#idleRoundNs) return;
    this.signalled = true;
    const wakeNs = nowNs + afterNs;
    if (wakeNs < this.nextNs) this.nextNs = wakeNs;
  }

  /** It runs now: whatever comes from here on needs a new signal. */
  wake(): void {
    this.signalled = false;
    this.spinning = false;
  }

  sleep(nowNs: number, untilNs: number): void {
    this.#asleepSinceNs = nowNs;
    this.nextNs = untilNs;
  }

  /** The round that a signal asked for would find nothing to do: as if it had run. */
  skipRound(): void {
    this.signalled = false;
    this.#idleRoundNs = this.nextNs;
    this.sleep(this.nextNs, Infinity);
  }

  /** Something of `arrivedNs` waits unsignalled: a sleep without end ends at its next look around. */
  pollTimeoutAfter(arrivedNs: number): void {
    if (this.nextNs !== Infinity) return;
    this.#lookAroundNs = sleepEndNs(this.#asleepSinceNs, arrivedNs);
    this.nextNs = this.#lookAroundNs;
  }

  /**
   * Sleeps because there is no free slot. A signal that finds no slot does not begin the wait anew: it ends
   * 500 ms after it began.
   * @returns whether that time is over, and with it another such wait begins
   */
  waitForSlot(nowNs: number): boolean {
    const over = nowNs >= this.#slotWaitEndNs;
    if (over || this.#slotWaitEndNs === Infinity) this.#slotWaitEndNs = nowNs + BATCHER_SLEEP_NS;
    this.sleep(nowNs, this.#slotWaitEndNs);
    return over;
  }

  get waitsForSlot(): boolean {
    return this.#slotWaitEndNs !== Infinity;
  }

  /** It does not wait for a slot, or not any longer. */
  endSlotWait(): void {
    this.#slotWaitEndNs = Infinity;
  }

  /** The payload that nothing fitted into is gone: if it spins, it is at once at the next round. */
  stopSpinning(): void {
    if (!this.spinning) return;
    this.signalled = true;
    this.nextNs = 0;
  }
}
