import type { ComponentSetup } from '../../simulator/component-run.js';
import { deviceUs } from '../../simulator/device-use.js';
import type { KnownArrivals } from '../../simulator/known-arrivals.js';
import type { LaneExecution, LaneSink } from '../../simulator/lane-sink.js';
import type { ModelQueue } from '../../simulator/model-queue.js';
import type { PolicyQueue } from '../../simulator/policy-queue.js';
import { responseNs } from '../../simulator/served-run.js';
import { Outcome } from '../../trace/request-log.js';
import { IntervalList } from './interval-list.js';

/**
 * Keeps of a lane what a row of a sweep is made of: each request's end and outcome, and when the
 * lane's devices were busy for whom. The rules are those of the full log's sink.
 */
export class ColumnSink implements LaneSink {
  /** By position in the order of admission; NaN = not answered within the run. */
  readonly endedNs: Float64Array;
  readonly outcome: Uint8Array;
  /** By index of the device on the lane's server; -1 is the host. */
  readonly intervals = new Map<number, IntervalList>();
  /** By the same index: microseconds for each tenant of the component. */
  readonly busyUs = new Map<number, Float64Array>();
  readonly model: number;
  readonly arrivals: KnownArrivals;
  readonly #setup: ComponentSetup;
  readonly #responseDelayNs: number;
  readonly #preserveOrder: boolean;
  readonly #repliesAtOnce: boolean;
  /** Of each instance. */
  readonly #intervalsOf: readonly IntervalList[];
  readonly #busyUsOf: readonly Float64Array[];
  /** What each instance has on its device that has not ended. */
  readonly #underWay: (LaneExecution | undefined)[];
  #policy: PolicyQueue | undefined;
  #lastResponseNs = 0;

  constructor(setup: ComponentSetup, model: number, arrivals: KnownArrivals) {
    this.#setup = setup;
    this.model = model;
    this.arrivals = arrivals;
    const count = arrivals.queuedNs.length;
    this.endedNs = new Float64Array(count).fill(Number.NaN);
    this.outcome = new Uint8Array(count).fill(Outcome.unfinished);
    this.#responseDelayNs = setup.way(model).responseDelayUs * 1000;
    const served = setup.served[model]!;
    this.#preserveOrder = served.config.dynamicBatching?.preserveOrdering === true;
    this.#repliesAtOnce = served.instances.every(
      ({ profile: { response } }) => response.perRequestUs === 0 && response.perKilobyteUs === 0,
    );
    for (const { device } of served.instances) {
      if (this.intervals.has(device)) continue;
      this.intervals.set(device, new IntervalList());
      this.busyUs.set(device, new Float64Array(setup.tenants.length));
    }
    this.#intervalsOf = served.instances.map(({ device }) => this.intervals.get(device)!);
    this.#underWay = served.instances.map(() => undefined);
    this.#busyUsOf = served.instances.map(({ device }) => this.busyUs.get(device)!);
  }

  attach(_queue: ModelQueue, policy: PolicyQueue | undefined): void {
    this.#policy = policy;
  }

  started(): void {}

  inferring(execution: LaneExecution): void {
    execution.number = this.#intervalsOf[execution.instance]!.add(execution.inferStartNs);
    this.#underWay[execution.instance] = execution;
  }

  answer(execution: LaneExecution): number {
    const { instance } = execution;
    const inferEndNs = execution.startNs + execution.inputNs + execution.inferNs;
    this.#intervalsOf[instance]!.end(execution.number, inferEndNs);
    this.#creditDevice(execution, inferEndNs);
    this.#underWay[instance] = undefined;
    const computeEndNs = inferEndNs + execution.outputNs;
    if (this.#repliesAtOnce && this.#policy === undefined && !this.#preserveOrder) {
      this.#replyToAll(execution, computeEndNs);
      return computeEndNs;
    }
    return this.#replyOneByOne(execution, computeEndNs);
  }

  drop(position: number, outcome: typeof Outcome.rejected | typeof Outcome.timedOut, nowNs: number): void {
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
  #creditDevice({ instance, from, to, batch, inferStartNs }: LaneExecution, inferEndNs: number): void {
    const { tenantOf, sizes, onlyTenant } = this.arrivals;
    const inferUs = deviceUs(inferStartNs, inferEndNs, this.#setup.durationNs);
    const busyUs = this.#busyUsOf[instance]!;
    if (tenantOf === undefined && sizes === undefined) {
      busyUs[onlyTenant]! += (inferUs * (to - from)) / batch;
      return;
    }
    for (let index = from; index < to; index++) {
      const position = this.#position(index);
      busyUs[tenantOf?.[position] ?? onlyTenant]! += inferUs * ((sizes?.[position] ?? 1) / batch);
    }
  }

  #replyToAll({ from, to }: LaneExecution, sentNs: number): void {
    const receivedNs = sentNs + this.#responseDelayNs;
    if (receivedNs > this.#setup.durationNs) return;
    for (let position = from; position < to; position++) {
      this.endedNs[position] = receivedNs;
      this.outcome[position] = Outcome.completed;
    }
  }

  #replyOneByOne({ instance, from, to }: LaneExecution, computeEndNs: number): number {
    const profile = this.#setup.runs[this.model]!.profiles[instance]!;
    const { tenantOf, sizes, onlyTenant } = this.arrivals;
    let sentNs = computeEndNs;
    for (let index = from; index < to; index++) {
      const position = this.#position(index);
      const tenant = this.#setup.tenants[tenantOf?.[position] ?? onlyTenant]!;
      sentNs += responseNs(profile, tenant, sizes?.[position] ?? 1);
      const leavesNs = this.#preserveOrder ? Math.max(sentNs, this.#lastResponseNs) : sentNs;
      const receivedNs = leavesNs + this.#responseDelayNs;
      if (receivedNs > this.#setup.durationNs) continue;
      this.endedNs[position] = receivedNs;
      this.outcome[position] = Outcome.completed;
    }
    this.#lastResponseNs = Math.max(this.#lastResponseNs, sentNs);
    return sentNs;
  }

  #position(index: number): number {
    return this.#policy === undefined ? index : this.#policy.order[index]!;
  }
}
