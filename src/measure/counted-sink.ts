import type { TenantTally } from '../metrics/figures/tenant-tally.js';
import type { ComponentSetup } from '../simulator/component-run.js';
import { computeEndNsOf, FastPathResponses } from '../simulator/open-loop/fast-path-responses.js';
import type { FastPathExecution, FastPathSink } from '../simulator/open-loop/fast-path-sink.js';
import type { KnownArrivals } from '../simulator/open-loop/known-arrivals.js';
import { deviceUs } from '../simulator/outcome/device-use.js';
import type { BusyTally } from './busy-tally.js';

/** What a device did for the tenants of a component. */
export interface CountedDevice {
  readonly busy: BusyTally;
  /** Microseconds for each tenant of the component. */
  readonly busyUs: Float64Array;
}

/**
 * Counts what becomes of a fast path's requests when they are answered, and keeps nothing of them. Of models without limits of
 * their queues, so that no request is dropped. The rules are those of `ColumnSink`.
 */
export class CountedSink implements FastPathSink {
  readonly #setup: ComponentSetup;
  readonly #arrivals: KnownArrivals;
  readonly #tallies: readonly TenantTally[];
  readonly #responses: FastPathResponses;
  readonly #requestDelayNs: number;
  readonly #responseDelayNs: number;
  /** Of each instance; undefined: on the host. */
  readonly #devices: readonly (CountedDevice | undefined)[];
  /** What each instance has on its device that has not ended. */
  readonly #underWay: (FastPathExecution | undefined)[];
  /** How many requests have been part of an execution: they come in order. */
  #started = 0;

  constructor(
    setup: ComponentSetup,
    model: number,
    arrivals: KnownArrivals,
    tallies: readonly TenantTally[],
    deviceOf: (device: number) => CountedDevice | undefined,
  ) {
    this.#setup = setup;
    this.#arrivals = arrivals;
    this.#tallies = tallies;
    this.#responses = new FastPathResponses(setup, model, arrivals);
    const { requestDelayUs, responseDelayUs } = setup.networkDelay(model);
    this.#requestDelayNs = requestDelayUs * 1000;
    this.#responseDelayNs = responseDelayUs * 1000;
    const { instances } = setup.served[model]!;
    this.#devices = instances.map(({ device }) => deviceOf(device));
    this.#underWay = instances.map(() => undefined);
  }

  attach(): void {}

  started({ to }: FastPathExecution): void {
    this.#started = Math.max(this.#started, to);
  }

  inferring(execution: FastPathExecution): void {
    const { instance, inferStartNs, startNs } = execution;
    this.#underWay[instance] = execution;
    execution.number = this.#devices[instance]?.busy.begin(inferStartNs, startNs) ?? 0;
  }

  answer(execution: FastPathExecution): number {
    const inferEndNs = execution.startNs + execution.inputNs + execution.inferNs;
    this.#devices[execution.instance]?.busy.end(execution.number, inferEndNs);
    this.#creditDevice(execution, inferEndNs);
    this.#underWay[execution.instance] = undefined;
    const computeEndNs = computeEndNsOf(execution);
    if (!this.#responses.areAtOnce)
      return this.#responses.leave(execution, (position, leavesNs) =>
        this.#reply(execution, position, leavesNs, computeEndNs),
      );
    for (let position = execution.from; position < execution.to; position++)
      this.#reply(execution, position, computeEndNs, computeEndNs);
    return computeEndNs;
  }

  drop(): void {
    throw new Error('a request was dropped where none can be');
  }

  /** What has not been answered is never. */
  runEnded(): void {
    for (const execution of this.#underWay) {
      if (execution === undefined) continue;
      this.#creditDevice(execution, Number.NaN);
      for (let position = execution.from; position < execution.to; position++)
        this.#leaveOpen(position, execution.startNs / 1000);
    }
    const { length } = this.#arrivals.queuedNs;
    for (let position = this.#started; position < length; position++)
      this.#leaveOpen(position, Number.POSITIVE_INFINITY);
  }

  #reply(execution: FastPathExecution, position: number, leavesNs: number, computeEndNs: number): void {
    const { queuedNs, sizes, sentNs, reachedNs = queuedNs } = this.#arrivals;
    const { startNs, batch, inputNs, inferNs, outputNs } = execution;
    const receivedNs = leavesNs + this.#responseDelayNs;
    const startedUs = startNs / 1000;
    if (receivedNs > this.#setup.durationNs) return this.#leaveOpen(position, startedUs);
    const plannedUs = this.#plannedUs(position);
    const queuedUs = queuedNs[position]! / 1000;
    const partsUs = this.#tallyOf(position).complete(
      plannedUs,
      queuedUs,
      startedUs,
      receivedNs / 1000,
      sizes === undefined ? 1 : sizes[position]!,
      batch,
    );
    if (partsUs === undefined) return;
    const sentUs = sentNs === undefined ? plannedUs : sentNs[position]! / 1000;
    partsUs[1]! += reachedNs[position]! / 1000 - sentUs + this.#responseDelayNs / 1000;
    partsUs[2]! += (queuedNs[position]! - reachedNs[position]!) / 1000;
    partsUs[3]! += startedUs - queuedUs;
    partsUs[4]! += inputNs / 1000;
    partsUs[5]! += inferNs / 1000;
    partsUs[6]! += outputNs / 1000;
    partsUs[7]! += (leavesNs - computeEndNs) / 1000;
  }

  #leaveOpen(position: number, startedUs: number): void {
    const queuedNs = this.#arrivals.queuedNs[position]!;
    const queuedUs = queuedNs < this.#setup.durationNs ? queuedNs / 1000 : Number.NaN;
    this.#tallyOf(position).leaveOpen(this.#plannedUs(position), queuedUs, startedUs);
  }

  /** Requests are planned for whole microseconds. */
  #plannedUs(position: number): number {
    const { queuedNs, reachedNs = queuedNs, sentNs } = this.#arrivals;
    return Math.round((sentNs?.[position] ?? reachedNs[position]! - this.#requestDelayNs) / 1000);
  }

  #tallyOf(position: number): TenantTally {
    const { tenantOf, onlyTenant } = this.#arrivals;
    return this.#tallies[tenantOf === undefined ? onlyTenant : tenantOf[position]!]!;
  }

  /** Device time is divided by inferences. */
  #creditDevice(execution: FastPathExecution, inferEndNs: number): void {
    const { instance, from, to, batch, inferStartNs } = execution;
    const device = this.#devices[instance];
    if (device === undefined) return;
    const { tenantOf, sizes, onlyTenant } = this.#arrivals;
    const inferUs = deviceUs(inferStartNs, inferEndNs, this.#setup.durationNs);
    for (let position = from; position < to; position++)
      device.busyUs[tenantOf?.[position] ?? onlyTenant]! += inferUs * ((sizes?.[position] ?? 1) / batch);
  }
}
