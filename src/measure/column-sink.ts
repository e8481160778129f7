import type { Scratch } from '../metrics/statistics/scratch.js';
import type { ComponentSetup } from '../simulator/component-run.js';
import {
  computeEndNsOf,
  FastPathResponses,
  type TakenOrder,
} from '../simulator/open-loop/fast-path-responses.js';
import type { FastPathExecution, FastPathSink } from '../simulator/open-loop/fast-path-sink.js';
import type { KnownArrivals } from '../simulator/open-loop/known-arrivals.js';
import { deviceUs } from '../simulator/outcome/device-use.js';
import type { ModelQueue } from '../simulator/server/model-queue.js';
import { type DropOutcome, Outcome } from '../trace/request-log.js';
import { IntervalList } from './interval-list.js';
import { LaneStages } from './stages.js';

/**
 * Keeps of a fast path what a row of a sweep is made of: each request's end and outcome, and when the
 * fast path's devices were busy for whom. The rules are those of the full log's sink.
 */
export class ColumnSink implements FastPathSink {
  /** By position in the order of admission; NaN = not answered within the run. */
  readonly endedNs: Float64Array;
  readonly outcome: Uint8Array;
  /** By index of the device on the fast path's server; -1 is the host. */
  readonly intervals = new Map<number, IntervalList>();
  /** By the same index: microseconds for each tenant of the component. */
  readonly busyUs = new Map<number, Float64Array>();
  readonly model: number;
  readonly arrivals: KnownArrivals;
  /** Where requests spent their time, where that is asked for. */
  readonly stages: LaneStages | undefined;
  readonly #setup: ComponentSetup;
  readonly #responseDelayNs: number;
  readonly #responses: FastPathResponses;
  /** Of each instance. */
  readonly #intervalsOf: readonly IntervalList[];
  readonly #busyUsOf: readonly Float64Array[];
  /** What each instance has on its device that has not ended. */
  readonly #underWay: (FastPathExecution | undefined)[];
  /** Of each instance the number that `stages` has for its last execution. */
  readonly #numbers: number[] = [];
  /** When the phases of the execution ended that is answered now. */
  #computeEndNs = 0;

  constructor(
    setup: ComponentSetup,
    model: number,
    arrivals: KnownArrivals,
    { scratch, hasStages }: { readonly scratch: Scratch; readonly hasStages: boolean },
  ) {
    this.#setup = setup;
    this.model = model;
    this.arrivals = arrivals;
    const count = arrivals.queuedNs.length;
    this.endedNs = scratch.float64(count).fill(Number.NaN);
    this.outcome = scratch.uint8(count).fill(Outcome.unfinished);
    this.#responseDelayNs = setup.networkDelay(model).responseDelayUs * 1000;
    const served = setup.served[model]!;
    this.#responses = new FastPathResponses(setup, model, arrivals);
    for (const { device } of served.instances) {
      if (this.intervals.has(device)) continue;
      this.intervals.set(device, new IntervalList());
      this.busyUs.set(device, new Float64Array(setup.tenants.length));
    }
    this.#intervalsOf = served.instances.map(({ device }) => this.intervals.get(device)!);
    this.#underWay = served.instances.map(() => undefined);
    this.#busyUsOf = served.instances.map(({ device }) => this.busyUs.get(device)!);
    this.stages = hasStages
      ? new LaneStages(setup, model, arrivals, this.#responses.areAtOnce, scratch)
      : undefined;
  }

  attach(_queue: ModelQueue, taken: TakenOrder | undefined): void {
    this.#responses.attach(taken);
  }

  started(execution: FastPathExecution): void {
    const { stages } = this;
    if (stages === undefined) return;
    const number = stages.start(execution);
    this.#numbers[execution.instance] = number;
    for (let index = execution.from; index < execution.to; index++)
      stages.join(this.#responses.positionOf(index), number);
  }

  inferring(execution: FastPathExecution): void {
    execution.number = this.#intervalsOf[execution.instance]!.add(execution.inferStartNs);
    this.#underWay[execution.instance] = execution;
  }

  answer(execution: FastPathExecution): number {
    const { instance } = execution;
    const inferEndNs = execution.startNs + execution.inputNs + execution.inferNs;
    this.#intervalsOf[instance]!.end(execution.number, inferEndNs);
    this.#creditDevice(execution, inferEndNs);
    this.#underWay[instance] = undefined;
    this.stages?.end(this.#numbers[instance]!, execution);
    const computeEndNs = computeEndNsOf(execution);
    this.#computeEndNs = computeEndNs;
    if (!this.#responses.areAtOnce) return this.#responses.leave(execution, this.#replyTo);
    this.#replyToAll(execution, computeEndNs);
    return computeEndNs;
  }

  drop(position: number, outcome: DropOutcome, nowNs: number): void {
    const receivedNs = nowNs + this.#responseDelayNs;
    if (receivedNs > this.#setup.durationNs) return;
    this.outcome[position] = outcome;
    this.endedNs[position] = receivedNs;
  }

  /** What is on a device when the run ends has been there until then. */
  runEnded(): void {
    for (const execution of this.#underWay)
      if (execution !== undefined) this.#creditDevice(execution, Number.NaN);
  }

  /** Device time is divided by inferences. */
  #creditDevice({ instance, from, to, batch, inferStartNs }: FastPathExecution, inferEndNs: number): void {
    const { tenantOf, sizes, onlyTenant } = this.arrivals;
    const inferUs = deviceUs(inferStartNs, inferEndNs, this.#setup.durationNs);
    const busyUs = this.#busyUsOf[instance]!;
    if (tenantOf === undefined && sizes === undefined) {
      busyUs[onlyTenant]! += (inferUs * (to - from)) / batch;
      return;
    }
    for (let index = from; index < to; index++) {
      const position = this.#responses.positionOf(index);
      busyUs[tenantOf?.[position] ?? onlyTenant]! += inferUs * ((sizes?.[position] ?? 1) / batch);
    }
  }

  #replyToAll({ from, to }: FastPathExecution, sentNs: number): void {
    const receivedNs = sentNs + this.#responseDelayNs;
    if (receivedNs > this.#setup.durationNs) return;
    for (let position = from; position < to; position++) {
      this.endedNs[position] = receivedNs;
      this.outcome[position] = Outcome.completed;
    }
  }

  readonly #replyTo = (position: number, leavesNs: number): void => {
    this.stages?.respond(position, leavesNs - this.#computeEndNs);
    const receivedNs = leavesNs + this.#responseDelayNs;
    if (receivedNs > this.#setup.durationNs) return;
    this.endedNs[position] = receivedNs;
    this.outcome[position] = Outcome.completed;
  };
}
