import type { ModelServerOptions } from './server-parts.js';

/**
 * Which thread runs first where an execution ends, the batcher or the instance that has become free, and whether the batcher then
 * hears of the requests that came while neither looked.
 */
export class RaceAtEnd {
  readonly #batcherWins: () => boolean;
  readonly #idleLaterNs: ModelServerOptions['idleLaterNs'];
  readonly #afterAnswersNs: ModelServerOptions['afterAnswersNs'];
  /** Of each instance: how many requests it last started. */
  readonly #startedRequests: Int32Array;
  #lastCameNs = -1;
  /**
   * A batcher that has found no idle instance hears of requests that came since then as soon as there is one: callers found it
   * asleep after 1 to 10 % of their executions, however long their requests were on their way and the instance took.
   */
  #heardSinceNs = Infinity;

  constructor(batcherWins: () => boolean, options: ModelServerOptions) {
    this.#batcherWins = batcherWins;
    this.#idleLaterNs = options.idleLaterNs;
    this.#afterAnswersNs = options.afterAnswersNs;
    this.#startedRequests = new Int32Array(options.instances);
  }

  started(instance: number, requests: number): void {
    this.#startedRequests[instance] = requests;
  }

  requestsCame(nowNs: number): void {
    this.#lastCameNs = nowNs;
  }

  /** Asked once for each execution that ends. */
  batcherIsFirst(): boolean {
    return this.#batcherWins();
  }

  /** How much later than a batcher that was first the instance is idle; where that is late, nothing that came meanwhile is heard of. */
  instanceIsIdleAfterNs(instance: number, nowNs: number, requestsWait: boolean): number {
    const laterNs = this.#idleLaterNs?.(requestsWait) ?? 0;
    this.#heardSinceNs = laterNs > 0 ? Infinity : this.#answeredNs(instance, nowNs);
    return laterNs;
  }

  /** An instance is idle now: whether the batcher hears of requests that it has not looked at. */
  isHeardOf(): boolean {
    const heard = this.#lastCameNs >= this.#heardSinceNs;
    this.#heardSinceNs = Infinity;
    return heard;
  }

  /** When the answers of an execution had left that has ended now; Infinity: nobody asks. */
  #answeredNs(instance: number, nowNs: number): number {
    if (this.#afterAnswersNs === undefined) return Infinity;
    return nowNs - this.#afterAnswersNs(instance, this.#startedRequests[instance]!);
  }
}
