import type { CacheCounts } from '../result.js';

/** What the response cache does for one served model, over a run. */
export class CacheUse {
  #hits = 0;
  #misses = 0;
  #executed = 0;
  #hitsNs = 0;
  #executedNs = 0;
  #cacheNs = 0;

  /** A request has been answered so long after it came. */
  hit(ns: number): void {
    this.#hits++;
    this.#hitsNs += ns;
  }

  /** Another was not there: its key and the look-up took so long. */
  missed(ns: number): void {
    this.#cacheNs += ns;
  }

  /**
   * The answer of such a request has been given to the cache.
   * @param isMiss whether Triton counts it
   * @param keptNs how long the cache took
   * @param ns from the coming of the request until then
   */
  kept(isMiss: boolean, keptNs: number, ns: number): void {
    if (isMiss) this.#misses++;
    this.#executed++;
    this.#executedNs += ns;
    this.#cacheNs += keptNs;
  }

  /** Undefined where no request had to do with it. */
  counts(): CacheCounts | undefined {
    const [hits, misses, executed] = [this.#hits, this.#misses, this.#executed];
    if (hits + misses === 0) return undefined;
    return {
      ...{ hits, misses, executed },
      hitsTookMs: this.#hitsNs / 1e6,
      executedTookMs: this.#executedNs / 1e6,
      cacheTookMs: this.#cacheNs / 1e6,
    };
  }
}
