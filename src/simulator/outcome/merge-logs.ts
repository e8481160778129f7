import type { Scenario } from '../../scenario/scenario.js';
import type { RequestLog } from '../../trace/request-log.js';
import type { ComponentResult } from '../component-run.js';
import { ActorQueue } from '../containers/actor-queue.js';
import type { RequestTable } from '../request-table.js';

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
    log.calls.execution[i] = firstExecution[component]! + execution;
    log.calls.executedBatch[i] = executions.batch[execution]!;
    log.calls.instance[i] = executions.instance[execution]!;
  }
  return log;
}

function copyRow(log: RequestLog, i: number, from: RequestTable, row: number): void {
  log.tenant[i] = from.tenant[row]!;
  log.server[i] = from.server[row]!;
  log.batchSize[i] = from.size[row]!;
  log.plannedUs[i] = from.plannedNs[row]! / 1000;
  log.sentUs[i] = from.sentNs[row]! / 1000;
  log.calls.queuedUs[i] = from.queuedNs[row]! / 1000;
  log.calls.startedUs[i] = from.startedNs[row]! / 1000;
  log.endedUs[i] = from.endedNs[row]! / 1000;
  log.calls.inputUs[i] = from.inputUs[row]!;
  log.calls.inferUs[i] = from.inferUs[row]!;
  log.calls.outputUs[i] = from.outputUs[row]!;
  log.calls.responseUs[i] = from.responseUs[row]!;
  log.frontEndUs[i] = from.frontEndUs[row]!;
  log.networkUs[i] = from.networkUs[row]!;
  log.outcome[i] = from.outcome[row]!;
}

/** Every request is one call of its tenant's model, so the calls have these columns in common with the requests. */
function emptyLog(scenario: Scenario, rows: number): RequestLog {
  const [tenant, server, outcome] = [new Uint16Array(rows), new Uint16Array(rows), new Uint8Array(rows)];
  return {
    tenants: scenario.tenants.map(({ name }) => name),
    servers: scenario.servers.map(({ name }) => name),
    tenant,
    server,
    batchSize: new Uint16Array(rows),
    plannedUs: new Float64Array(rows),
    sentUs: new Float64Array(rows),
    endedUs: new Float64Array(rows),
    frontEndUs: new Float32Array(rows),
    networkUs: new Float32Array(rows),
    outcome,
    calls: {
      models: scenario.tenants.map(({ model }) => ({ name: model })),
      model: tenant,
      server,
      instance: new Int16Array(rows).fill(-1),
      queuedUs: new Float64Array(rows),
      startedUs: new Float64Array(rows),
      inputUs: new Float32Array(rows),
      inferUs: new Float32Array(rows),
      outputUs: new Float32Array(rows),
      responseUs: new Float32Array(rows),
      execution: new Int32Array(rows).fill(-1),
      executedBatch: new Uint16Array(rows),
      outcome,
    },
    endUs: scenario.durationUs,
  };
}

/** Where the requests of a tenant are: in which result, in which rows. */
interface TenantRows {
  readonly result: number;
  readonly plannedNs: Float64Array;
  readonly rows: Int32Array;
}

/** Each tenant's rows are in planned order already: merge the tenants. */
function mergedOrder(scenario: Scenario, results: readonly ComponentResult[]) {
  const counts = new Int32Array(scenario.tenants.length);
  for (const { requests } of results)
    for (let row = 0; row < requests.length; row++) counts[requests.tenant[row]!]!++;
  const rowsOf = Array.from(counts, (count) => new Int32Array(count));
  const resultOf = new Int32Array(scenario.tenants.length).fill(-1);
  counts.fill(0);
  results.forEach(({ requests, component }, result) => {
    for (const tenant of component.tenants) resultOf[tenant] = result;
    for (let row = 0; row < requests.length; row++) {
      const tenant = requests.tenant[row]!;
      rowsOf[tenant]![counts[tenant]!++] = row;
    }
  });
  const total = results.reduce((sum, { requests }) => sum + requests.length, 0);
  const order = { result: new Int32Array(total), row: new Int32Array(total) };
  const lists = rowsOf.flatMap((rows, tenant): TenantRows[] => {
    const result = resultOf[tenant]!;
    return result < 0 ? [] : [{ result, rows, plannedNs: results[result]!.requests.plannedNs }];
  });
  const next = new Int32Array(lists.length);
  const dueAt = ({ plannedNs, rows }: TenantRows, i: number) =>
    i < rows.length ? plannedNs[rows[i]!]! : Infinity;
  const tenants = new ActorQueue(lists.length);
  for (const [i, list] of lists.entries()) tenants.update(i, dueAt(list, 0));
  for (let i = 0; i < total; i++) {
    tenants.find();
    const list = lists[tenants.first]!;
    order.result[i] = list.result;
    order.row[i] = list.rows[next[tenants.first]!++]!;
    tenants.update(tenants.first, dueAt(list, next[tenants.first]!));
  }
  return order;
}

function offsets(lengths: readonly number[]): number[] {
  let sum = 0;
  return lengths.map((length) => {
    sum += length;
    return sum - length;
  });
}
