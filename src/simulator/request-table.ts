import { Outcome } from '../trace/request-log.js';
import type { CallColumns } from './call-columns.js';
import { doubled } from './containers/doubled.js';

/**
 * What is known of each request while a component is simulated: one row per request, columns that
 * grow. Times are nanoseconds; a time that has not come is NaN.
 */
export class RequestTable {
  length = 0;
  tenant: Uint16Array;
  server: Uint16Array;
  size: Uint16Array;
  plannedNs: Float64Array;
  sentNs: Float64Array;
  queuedNs: Float64Array;
  startedNs: Float64Array;
  endedNs: Float64Array;
  inputUs: Float32Array;
  inferUs: Float32Array;
  outputUs: Float32Array;
  responseUs: Float32Array;
  frontEndUs: Float32Array;
  networkUs: Float32Array;
  execution: Int32Array;
  outcome: Uint8Array;
  /** Present where a model is decoupled: how many responses the client had of a request, and when it had the first. */
  readonly responses: ResponseRows | undefined;
  /** Present where models call others: then each call is a row, that of a client's request the first of its own. */
  readonly calls: CallColumns | undefined;

  /**
   * Present where a model has an engine: what each of its requests had of a device, in all the steps that it was part of;
   * undefined for other requests.
   */
  readonly deviceUs: (number | undefined)[] | undefined;

  constructor(
    capacity: number,
    calls?: CallColumns,
    responses?: ResponseRows,
    deviceUs?: (number | undefined)[],
  ) {
    const rows = Math.max(16, capacity);
    this.tenant = new Uint16Array(rows);
    this.server = new Uint16Array(rows);
    this.size = new Uint16Array(rows);
    this.plannedNs = new Float64Array(rows);
    this.sentNs = new Float64Array(rows);
    this.queuedNs = new Float64Array(rows).fill(Number.NaN);
    this.startedNs = new Float64Array(rows).fill(Number.NaN);
    this.endedNs = new Float64Array(rows).fill(Number.NaN);
    this.inputUs = new Float32Array(rows);
    this.inferUs = new Float32Array(rows);
    this.outputUs = new Float32Array(rows);
    this.responseUs = new Float32Array(rows);
    this.frontEndUs = new Float32Array(rows);
    this.networkUs = new Float32Array(rows);
    this.execution = new Int32Array(rows).fill(-1);
    this.outcome = new Uint8Array(rows).fill(Outcome.unfinished);
    this.calls = calls;
    this.responses = responses;
    this.deviceUs = deviceUs;
  }

  /** Appends a request as planned and gives its row. */
  add(tenant: number, size: number, plannedNs: number, sentNs: number): number {
    if (this.length === this.tenant.length) this.#grow();
    const row = this.length++;
    this.tenant[row] = tenant;
    this.size[row] = size;
    this.plannedNs[row] = plannedNs;
    this.sentNs[row] = sentNs;
    return row;
  }

  #grow(): void {
    const larger = new RequestTable(this.tenant.length * 2);
    for (const key of Object.keys(larger) as (keyof RequestTable)[]) {
      const column = larger[key];
      if (ArrayBuffer.isView(column)) (column as Float64Array).set(this[key] as unknown as Float64Array);
    }
    const { length, calls, responses, deviceUs } = this;
    Object.assign(this, larger, { length, calls, responses, deviceUs });
  }
}

/** Requests with several responses or none, by row; others had one, with their end. The last is absent where it came with the end. */
export type ResponseRows = Map<
  number,
  { readonly count: number; readonly firstNs: number; readonly lastNs?: number }
>;

/** One row per execution, in the order in which they started. */
export class ExecutionTable {
  length = 0;
  /** Index of the served model within the component's list. */
  model = new Uint16Array(256);
  instance = new Uint16Array(256);
  batch = new Uint32Array(256);
  /** NaN until it has begun, or ended. */
  inferStartNs = new Float64Array(256);
  inferEndNs = new Float64Array(256);

  add(model: number, instance: number, batch: number): number {
    if (this.length === this.model.length) this.#grow();
    const row = this.length++;
    this.model[row] = model;
    this.instance[row] = instance;
    this.batch[row] = batch;
    this.inferStartNs[row] = Number.NaN;
    this.inferEndNs[row] = Number.NaN;
    return row;
  }

  /** Puts its rows in another order: first the one at `order[0]`. */
  reorder(order: Int32Array): void {
    for (const name of ['model', 'instance', 'batch', 'inferStartNs', 'inferEndNs'] as const) {
      const before = this[name].slice();
      const column = this[name];
      for (let row = 0; row < order.length; row++) column[row] = before[order[row]!]!;
    }
  }

  #grow(): void {
    this.model = doubled(this.model);
    this.instance = doubled(this.instance);
    this.batch = doubled(this.batch);
    this.inferStartNs = doubled(this.inferStartNs);
    this.inferEndNs = doubled(this.inferEndNs);
  }
}
