import { type DropOutcome, Outcome } from '../trace/request-log.js';
import type { ComponentSetup } from './component-run.js';
import type { KnownArrivals } from './known-arrivals.js';
import { computeEndNsOf, LaneResponses } from './lane-responses.js';
import type { LaneExecution, LaneSink } from './lane-sink.js';
import type { ModelQueue } from './model-queue.js';
import type { PolicyQueue } from './policy-queue.js';

/** Takes latencies one by one, e.g. a histogram. */
export interface LatencyRecorder {
  record(us: number): void;
}

/**
 * Keeps latencies only: of every request in a column, or in one recorder per tenant where a column
 * would not fit into memory. What a run of 10^8 requests or more has room for.
 */
export class LatencySink implements LaneSink {
  /** Latency of each request in microseconds, in order of admission; NaN = not answered. Absent with recorders. */
  readonly latencyUs: Float32Array | undefined;
  rejected = 0;
  timedOut = 0;
  completed = 0;
  #queue!: ModelQueue;
  readonly #arrivals: KnownArrivals;
  readonly #recorders: readonly LatencyRecorder[] | undefined;
  readonly #endNs: number;
  /** Network outside of the server: in both directions, or of the response where it is known when requests were sent. */
  readonly #networkNs: number;
  readonly #responses: LaneResponses;

  constructor(options: {
    readonly setup: ComponentSetup;
    readonly model: number;
    readonly arrivals: KnownArrivals;
    /** One per tenant of the component; absent = keep the column. */
    readonly recorders?: readonly LatencyRecorder[];
  }) {
    const { setup, model, arrivals } = options;
    const { requestDelayUs, responseDelayUs } = setup.way(model);
    this.#arrivals = arrivals;
    this.#recorders = options.recorders;
    this.#endNs = setup.durationNs - responseDelayUs * 1000;
    this.#networkNs = ((arrivals.sentNs === undefined ? requestDelayUs : 0) + responseDelayUs) * 1000;
    this.#responses = new LaneResponses(setup, model, arrivals);
    this.latencyUs =
      options.recorders === undefined
        ? new Float32Array(arrivals.queuedNs.length).fill(Number.NaN)
        : undefined;
  }

  attach(queue: ModelQueue, policy: PolicyQueue | undefined): void {
    this.#queue = queue;
    this.#responses.attach(policy);
  }

  started(): void {}

  inferring(): void {}

  answer(execution: LaneExecution): number {
    if (this.#responses.areAtOnce && this.#arrivals.tenantOf === undefined) {
      const computeEndNs = computeEndNsOf(execution);
      if (computeEndNs <= this.#endNs) this.#answerAll(execution.from, execution.to, computeEndNs);
      return computeEndNs;
    }
    return this.#responses.leave(execution, (position, leavesNs) => {
      if (leavesNs > this.#endNs) return;
      const us = (leavesNs - this.#beganNs[position]! + this.#networkNs) / 1000;
      if (this.latencyUs !== undefined) this.latencyUs[position] = us;
      else this.#recorders![this.#arrivals.tenantOf?.[position] ?? this.#arrivals.onlyTenant]!.record(us);
      this.completed++;
    });
  }

  /** Word of it that comes after the end of the run is not heard. */
  drop(_position: number, outcome: DropOutcome, nowNs: number): void {
    if (nowNs > this.#endNs) return;
    if (outcome === Outcome.rejected) this.rejected++;
    else this.timedOut++;
  }

  /** When requests were sent; where that is not known, when they were queued. */
  get #beganNs(): Float64Array {
    return this.#arrivals.sentNs ?? this.#queue.queuedNs;
  }

  /** One tenant, no response time: all requests of the execution are answered at once. */
  #answerAll(from: number, to: number, sentNs: number): void {
    const beganNs = this.#beganNs;
    const latencyUs = this.latencyUs;
    const endNs = sentNs + this.#networkNs;
    if (latencyUs !== undefined) {
      for (let position = from; position < to; position++)
        latencyUs[position] = (endNs - beganNs[position]!) * 1e-3;
    } else {
      const recorder = this.#recorders![this.#arrivals.onlyTenant]!;
      for (let position = from; position < to; position++)
        recorder.record((endNs - beganNs[position]!) * 1e-3);
    }
    this.completed += to - from;
  }
}
