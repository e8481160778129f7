import { addPartsUs } from '../metrics/split.js';
import type { StepTally } from '../metrics/steps.js';
import { summarizeStreams } from '../metrics/streams.js';
import type { StreamSummary } from '../metrics/summary.js';
import type { ComponentSetup } from '../simulator/component-run.js';
import { doubled } from '../simulator/containers/doubled.js';
import type { FastPathExecution } from '../simulator/open-loop/fast-path-sink.js';
import type { KnownArrivals } from '../simulator/open-loop/known-arrivals.js';
import type { ExecutionTable, RequestTable } from '../simulator/request-table.js';
import { firstCall, meanExecutedBatch } from '../trace/calls.js';
import type { RequestLog } from '../trace/request-log.js';
import type { Scratch } from './scratch.js';

/** Where the requests of one tenant spent their time, by row of its columns. */
export interface TenantStages {
  /** When it came into its queue, microseconds; NaN: never. */
  queuedUs(row: number): number;
  /** When its execution began; NaN: never. */
  startedUs(row: number): number;
  /** Inferences of its execution; 0: it had none. */
  executedBatch(row: number): number;
  /** Microseconds of a completed request in each part after the client, in the order of `PARTS`, from index 1 on. */
  partsUs(row: number, into: Float64Array): void;
  /** What clients got of streams of responses; absent where each request has one. */
  stream?(fromUs: number, isFromSent: boolean): StreamSummary | undefined;
  /** Adds the steps of a completed request; absent where each is one call. */
  addSteps?(row: number, steps: StepTally): void;
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
  #batch = new Uint16Array(256);

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
      queuedUs: (row) => queuedUs(at(row)),
      startedUs: (row) => startedUs(this.#executionOf[at(row)]!),
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
    queuedUs: (row) => requests.queuedNs[rows[row]!]! / 1000,
    startedUs: (row) => requests.startedNs[rows[row]!]! / 1000,
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

/** The same of requests that are trees of calls: of the tenant whose requests are in these rows of a log. */
export function stagesOfTrees(log: RequestLog, rows: Uint32Array): TenantStages {
  const called = (row: number) => firstCall(log, rows[row]!);
  return {
    queuedUs: (row) => log.calls.queuedUs[called(row)]!,
    startedUs: (row) => log.calls.startedUs[called(row)]!,
    executedBatch: (row) => meanExecutedBatch(log, rows[row]!),
    partsUs: (row, into) => addPartsUs(log, rows[row]!, into.fill(0)),
    ...(log.calls.tree && { addSteps: (row: number, steps: StepTally) => steps.add(log, rows[row]!) }),
    stream: (fromUs, isFromSent) => streamOf(log, rows, fromUs, isFromSent),
  };
}

function streamOf(
  log: RequestLog,
  rows: Uint32Array,
  fromUs: number,
  isFromSent: boolean,
): StreamSummary | undefined {
  const columns = { isFromSent: log.tenants.map(() => isFromSent) };
  return summarizeStreams({ log, rows, fromUs, columns });
}
