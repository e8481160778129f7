import type { TenantStages } from '../metrics/figures/stages.js';
import type { TimelineTally } from '../metrics/figures/timeline.js';
import type { Scratch } from '../metrics/statistics/scratch.js';
import type { ComponentSetup } from '../simulator/component-run.js';
import { doubled } from '../simulator/containers/doubled.js';
import type { FastPathExecution } from '../simulator/open-loop/fast-path-sink.js';
import type { KnownArrivals } from '../simulator/open-loop/known-arrivals.js';
import type { ExecutionTable, RequestTable } from '../simulator/request-table.js';

/** Where an execution begins at such a time (NaN: never), its requests have waited until then. */
function addWait(queuedUs: number, startedUs: number, leftUs: number, timeline: TimelineTally): void {
  timeline.queue(queuedUs, Number.isNaN(startedUs) ? leftUs : startedUs);
}

/** What a fast path keeps of stages: of each execution its phases, of each request its execution and response. */
export class LaneStages {
  /** By position in the order of admission; -1 = none. */
  readonly #executionOf: Int32Array;
  /** The same: how long after its phases its response left. */
  readonly #responseUs: Float32Array | undefined;
  readonly #arrivals: KnownArrivals;
  readonly #durationNs: number;
  readonly #requestDelayUs: number;
  readonly #responseDelayUs: number;
  #length = 0;
  #startedNs = new Float64Array(256);
  #inputUs = new Float32Array(256);
  #inferUs = new Float32Array(256);
  #outputUs = new Float32Array(256);
  #batch = new Uint32Array(256);

  /** @param areAtOnce whether responses take no time */
  constructor(
    setup: ComponentSetup,
    model: number,
    arrivals: KnownArrivals,
    areAtOnce: boolean,
    scratch: Scratch,
  ) {
    const count = arrivals.queuedNs.length;
    const { requestDelayUs, responseDelayUs } = setup.networkDelay(model);
    this.#executionOf = scratch.int32(count).fill(-1);
    this.#responseUs = areAtOnce ? undefined : scratch.float32(count).fill(0);
    this.#arrivals = arrivals;
    this.#durationNs = setup.durationNs;
    this.#requestDelayUs = requestDelayUs;
    this.#responseDelayUs = responseDelayUs;
  }

  /** An execution begins. @returns its number */
  start(execution: FastPathExecution): number {
    if (this.#length === this.#startedNs.length) this.#grow();
    this.#startedNs[this.#length] = execution.startNs;
    this.#batch[this.#length] = execution.batch;
    return this.#length++;
  }

  /** The request at that position is part of that execution. */
  join(position: number, execution: number): void {
    this.#executionOf[position] = execution;
  }

  /** Its phases are over. */
  end(execution: number, { inputNs, inferNs, outputNs }: FastPathExecution): void {
    this.#inputUs[execution] = inputNs / 1000;
    this.#inferUs[execution] = inferNs / 1000;
    this.#outputUs[execution] = outputNs / 1000;
  }

  respond(position: number, afterNs: number): void {
    if (this.#responseUs !== undefined) this.#responseUs[position] = afterNs / 1000;
  }

  /** Of the tenant whose rows are at these positions; undefined: at all of them. */
  of(positions: Uint32Array | undefined): TenantStages {
    const at = (row: number) => positions?.[row] ?? row;
    const { queuedNs, reachedNs = queuedNs, sentNs } = this.#arrivals;
    const evenUs = Math.fround(Math.fround(this.#requestDelayUs) + this.#responseDelayUs);
    const networkUs = (position: number) =>
      sentNs === undefined
        ? evenUs
        : Math.fround(Math.fround((reachedNs[position]! - sentNs[position]!) / 1000) + this.#responseDelayUs);
    const queuedUs = (position: number) =>
      queuedNs[position]! < this.#durationNs ? queuedNs[position]! / 1000 : Number.NaN;
    const startedUs = (execution: number) =>
      execution < 0 ? Number.NaN : this.#startedNs[execution]! / 1000;
    return {
      addWaits: (row, leftUs, timeline) =>
        addWait(queuedUs(at(row)), startedUs(this.#executionOf[at(row)]!), leftUs, timeline),
      executedBatch: (row) => this.#batch[this.#executionOf[at(row)]!] ?? 0,
      partsUs: (row, into) => {
        const position = at(row);
        const execution = this.#executionOf[position]!;
        into[1] = networkUs(position);
        into[2] = Math.fround((queuedNs[position]! - reachedNs[position]!) / 1000);
        into[3] = startedUs(execution) - queuedUs(position);
        into[4] = this.#inputUs[execution]!;
        into[5] = this.#inferUs[execution]!;
        into[6] = this.#outputUs[execution]!;
        into[7] = this.#responseUs === undefined ? 0 : this.#responseUs[position]!;
      },
    };
  }

  #grow(): void {
    this.#startedNs = doubled(this.#startedNs);
    this.#inputUs = doubled(this.#inputUs);
    this.#inferUs = doubled(this.#inferUs);
    this.#outputUs = doubled(this.#outputUs);
    this.#batch = doubled(this.#batch);
  }
}

/** The same from tables of requests and executions, of the tenant whose requests are in these rows. */
export function stagesOfTable(
  requests: RequestTable,
  executions: ExecutionTable,
  rows: Uint32Array,
): TenantStages {
  return {
    addWaits: (row, leftUs, timeline) => {
      const at = rows[row]!;
      addWait(requests.queuedNs[at]! / 1000, requests.startedNs[at]! / 1000, leftUs, timeline);
    },
    executedBatch: (row) => {
      const execution = requests.execution[rows[row]!]!;
      return execution < 0 ? 0 : executions.batch[execution]!;
    },
    partsUs: (row, into) => {
      const at = rows[row]!;
      into[1] = requests.networkUs[at]!;
      into[2] = requests.frontEndUs[at]!;
      if (requests.execution[at]! < 0) return fromCache(requests, at, into);
      into[3] = requests.startedNs[at]! / 1000 - requests.queuedNs[at]! / 1000;
      into[4] = requests.inputUs[at]!;
      into[5] = requests.inferUs[at]!;
      into[6] = requests.outputUs[at]!;
      into[7] = requests.responseUs[at]!;
    },
  };
}

/** An answer from the cache: all the rest is its response's. */
function fromCache(requests: RequestTable, row: number, into: Float64Array): void {
  into.fill(0, 3);
  into[7] = (requests.endedNs[row]! - requests.sentNs[row]!) / 1000 - into[1]! - into[2]!;
}
