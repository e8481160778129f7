import { type DropOutcome, Outcome } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
import type { ModelQueue } from '../server/model-queue.js';
import { computeEndNsOf, FastPathResponses, type TakenOrder } from './fast-path-responses.js';
import type { FastPathExecution, FastPathSink } from './fast-path-sink.js';
import type { KnownArrivals } from './known-arrivals.js';

/** Keeps the latency of every request and nothing else. */
export class LatencySink implements FastPathSink {
  /** Latency of each request in microseconds, in order of admission; NaN = not answered. */
  readonly latencyUs: Float32Array;
  rejected = 0;
  timedOut = 0;
  completed = 0;
  #queue!: ModelQueue;
  readonly #arrivals: KnownArrivals;
  readonly #endNs: number;
  /** Network outside of the server: in both directions, or of the response where it is known when requests were sent. */
  readonly #networkNs: number;
  readonly #responses: FastPathResponses;

  constructor(options: {
    readonly setup: ComponentSetup;
    readonly model: number;
    readonly arrivals: KnownArrivals;
  }) {
    const { setup, model, arrivals } = options;
    const { requestDelayUs, responseDelayUs } = setup.networkDelay(model);
    this.#arrivals = arrivals;
    this.#endNs = setup.durationNs - responseDelayUs * 1000;
    this.#networkNs = ((arrivals.sentNs === undefined ? requestDelayUs : 0) + responseDelayUs) * 1000;
    this.#responses = new FastPathResponses(setup, model, arrivals);
    this.latencyUs = new Float32Array(arrivals.queuedNs.length).fill(Number.NaN);
  }

  attach(queue: ModelQueue, taken: TakenOrder | undefined): void {
    this.#queue = queue;
    this.#responses.attach(taken);
  }

  started(): void {}

  inferring(): void {}

  answer(execution: FastPathExecution): number {
    if (this.#responses.areAtOnce) {
      const computeEndNs = computeEndNsOf(execution);
      if (computeEndNs <= this.#endNs) this.#answerAll(execution.from, execution.to, computeEndNs);
      return computeEndNs;
    }
    return this.#responses.leave(execution, (position, leavesNs) => {
      if (leavesNs > this.#endNs) return;
      this.latencyUs[position] = (leavesNs - this.#beganNs[position]! + this.#networkNs) / 1000;
      this.completed++;
    });
  }

  /** Word of it that comes after the end of the run is not heard. */
  drop(_position: number, outcome: DropOutcome, nowNs: number): void {
    if (nowNs > this.#endNs) return;
    if (outcome === Outcome.rejected) this.rejected++;
    else this.timedOut++;
  }

  /** When requests were sent; where that is not known, when they reached the server. */
  get #beganNs(): Float64Array {
    return this.#arrivals.sentNs ?? this.#arrivals.reachedNs ?? this.#queue.queuedNs;
  }

  /** No response takes time: all requests of the execution are answered at once. */
  #answerAll(from: number, to: number, sentNs: number): void {
    const beganNs = this.#beganNs;
    const latencyUs = this.latencyUs;
    const endNs = sentNs + this.#networkNs;
    for (let position = from; position < to; position++)
      latencyUs[position] = (endNs - beganNs[position]!) * 1e-3;
    this.completed += to - from;
  }
}
