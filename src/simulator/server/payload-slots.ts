/**
 * Room for payloads that wait for the instances of a model: whether the batcher may begin another one. Payloads
 * that are committed ahead have two slots an instance; else there is one for each instance that waits.
 */
export class PayloadSlots {
  /** Most payloads that wait at once. */
  most: number;
  readonly #prefetch: boolean;
  readonly #driftOnMerge: boolean;
  /** Triton's own count of waiting instances: idle less payloads already bound to them. */
  #uncommitted: number;

  /** @param idleCounterDrift as in `ModelServerOptions` */
  constructor(instances: number, prefetch: boolean, idleCounterDrift: boolean) {
    this.most = 2 * instances;
    this.#prefetch = prefetch;
    this.#driftOnMerge = idleCounterDrift && !prefetch;
    this.#uncommitted = instances;
  }

  /** One more instance: it counts as waiting once it has looked for work. */
  instanceAdded(): void {
    this.most += 2;
  }

  /** An instance takes no more payloads; payloads that wait already stay. */
  instanceRemoved(wasIdle: boolean): void {
    this.most -= 2;
    if (wasIdle) this.#uncommitted--;
  }

  /** Whether there is one beside the `payloads` that wait. */
  isFreeBeside(payloads: number): boolean {
    return this.#prefetch ? payloads < this.most : this.#uncommitted > 0;
  }

  /** The batcher has begun a payload. */
  payloadBegun(): void {
    this.#uncommitted--;
  }

  /** An instance that has ended its execution waits. */
  instanceWaits(): void {
    this.#uncommitted++;
  }

  /** A waiting instance has taken so many payloads, merged into one; the others had instances of their own. */
  taken(payloads: number): void {
    if (!this.#driftOnMerge) this.#uncommitted += payloads - 1;
  }
}
