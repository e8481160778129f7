import type { Scenario } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';
import type { ComponentResult } from './component-run.js';
import type { RequestTable } from './request-table.js';

/** One log of all components, in order of planned arrival; at one instant in order of tenant. */
export function mergeLogs(scenario: Scenario, results: readonly ComponentResult[]): RequestLog {
  const order = mergedOrder(scenario, results);
  const rows = order.result.length;
  const log = emptyLog(scenario, rows);
  const firstExecution = offsets(results.map((result) => result.executions.length));
  for (let i = 0; i < rows; i++) {
    const component = order.result[i]!;
    const { requests, executions } = results[component]!;
    copyRow(log, i, requests, order.row[i]!);
    const execution = requests.execution[order.row[i]!]!;
    if (execution < 0) continue;
    log.execution[i] = firstExecution[component]! + execution;
    log.executedBatch[i] = executions.batch[execution]!;
  }
  return log;
}

function copyRow(log: RequestLog, i: number, from: RequestTable, row: number): void {
  log.tenant[i] = from.tenant[row]!;
  log.server[i] = from.server[row]!;
  log.batchSize[i] = from.size[row]!;
  log.plannedUs[i] = from.plannedNs[row]! / 1000;
  log.sentUs[i] = from.sentNs[row]! / 1000;
  log.queuedUs[i] = from.queuedNs[row]! / 1000;
  log.startedUs[i] = from.startedNs[row]! / 1000;
  log.endedUs[i] = from.endedNs[row]! / 1000;
  log.inputUs[i] = from.inputUs[row]!;
  log.inferUs[i] = from.inferUs[row]!;
  log.outputUs[i] = from.outputUs[row]!;
  log.responseUs[i] = from.responseUs[row]!;
  log.frontEndUs[i] = from.frontEndUs[row]!;
  log.networkUs[i] = from.networkUs[row]!;
  log.outcome[i] = from.outcome[row]!;
}

function emptyLog(scenario: Scenario, rows: number): RequestLog {
  return {
    tenants: scenario.tenants.map((tenant) => tenant.name),
    servers: scenario.servers.map((server) => server.name),
    tenant: new Uint16Array(rows),
    server: new Uint16Array(rows),
    batchSize: new Uint16Array(rows),
    plannedUs: new Float64Array(rows),
    sentUs: new Float64Array(rows),
    queuedUs: new Float64Array(rows),
    startedUs: new Float64Array(rows),
    endedUs: new Float64Array(rows),
    inputUs: new Float32Array(rows),
    inferUs: new Float32Array(rows),
    outputUs: new Float32Array(rows),
    responseUs: new Float32Array(rows),
    frontEndUs: new Float32Array(rows),
    networkUs: new Float32Array(rows),
    execution: new Int32Array(rows).fill(-1),
    executedBatch: new Uint16Array(rows),
    outcome: new Uint8Array(rows),
    endUs: scenario.durationUs,
  };
}

/** Each tenant's rows are in planned order already: merge the tenants. */
function mergedOrder(scenario: Scenario, results: readonly ComponentResult[]) {
  const rowsOf = new Map<number, { result: number; rows: number[] }>();
  results.forEach(({ requests, component }, result) => {
    for (const tenant of component.tenants) rowsOf.set(tenant, { result, rows: [] });
    for (let row = 0; row < requests.length; row++) rowsOf.get(requests.tenant[row]!)!.rows.push(row);
  });
  const total = results.reduce((sum, { requests }) => sum + requests.length, 0);
  const order = { result: new Uint16Array(total), row: new Int32Array(total) };
  const lists = scenario.tenants.map((_, tenant) => rowsOf.get(tenant)).filter((list) => list !== undefined);
  const heap = new MergeHeap(
    lists.map(({ result, rows }) => ({ rows, plannedNs: results[result]!.requests.plannedNs })),
  );
  for (let i = 0; i < total; i++) {
    const list = heap.first;
    order.result[i] = lists[list]!.result;
    order.row[i] = heap.take();
  }
  return order;
}

interface SortedRows {
  readonly rows: readonly number[];
  readonly plannedNs: Float64Array;
}

/** Takes rows from several sorted lists in common order; equal times in order of the lists. */
class MergeHeap {
  readonly #lists: readonly SortedRows[];
  readonly #next: Int32Array;
  readonly #heap: number[];

  constructor(lists: readonly SortedRows[]) {
    this.#lists = lists;
    this.#next = new Int32Array(lists.length);
    this.#heap = lists.map((_, i) => i).filter((i) => lists[i]!.rows.length > 0);
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#down(i);
  }

  get first(): number {
    return this.#heap[0]!;
  }

  take(): number {
    const list = this.#heap[0]!;
    const row = this.#lists[list]!.rows[this.#next[list]!++]!;
    if (this.#next[list]! === this.#lists[list]!.rows.length) {
      const last = this.#heap.pop()!;
      if (this.#heap.length === 0) return row;
      this.#heap[0] = last;
    }
    this.#down(0);
    return row;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const moving = heap[start]!;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, moving)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = moving;
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#timeOf(a);
    const timeB = this.#timeOf(b);
    return timeA < timeB || (timeA === timeB && a < b);
  }

  #timeOf(list: number): number {
    const { rows, plannedNs } = this.#lists[list]!;
    return plannedNs[rows[this.#next[list]!]!]!;
  }
}

function offsets(lengths: readonly number[]): number[] {
  let sum = 0;
  return lengths.map((length) => {
    sum += length;
    return sum - length;
  });
}
