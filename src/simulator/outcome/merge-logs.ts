import type { Scenario } from '../../scenario/scenario.js';
import { MOST_INFERENCES } from '../../trace/columns.js';
import { Outcome, type RequestLog, type ResponseColumns } from '../../trace/request-log.js';
import type { ComponentResult } from '../component-result.js';
import { ActorQueue } from '../containers/actor-queue.js';
import type { RequestTable } from '../request-table.js';
import { CallTrees, isRequest } from './call-trees.js';

/** One log of all components, in order of planned arrival; at one instant in order of tenant. */
export function mergeLogs(scenario: Scenario, results: readonly ComponentResult[]): RequestLog {
  const order = mergedOrder(scenario, results);
  const rows = order.result.length;
  const isTree = results.some(({ requests }) => requests.calls !== undefined);
  const plain = isTree ? emptyTrees(scenario, rows, results) : emptyLog(scenario, rows);
  const hasStreams = results.some(({ requests }) => requests.responses !== undefined);
  const log: RequestLog = hasStreams ? { ...plain, responses: emptyResponses(rows, scenario) } : plain;
  const firstExecution = offsets(results.map((result) => result.executions.length));
  const trees = isTree ? results.map((result) => new CallTrees(scenario, result)) : undefined;
  for (let i = 0, call = 0; i < rows; i++) {
    const component = order.result[i]!;
    const result = results[component]!;
    const row = order.row[i]!;
    copyRequest(log, i, result.requests, row);
    const tree = trees?.[component];
    if (tree === undefined) {
      copyCall(log, i, result, row, firstExecution[component]!);
      continue;
    }
    for (const called of tree.rowsOf(row)) {
      copyCall(log, call, result, called, firstExecution[component]!);
      tree.describe(log, call++, called);
    }
    log.calls.tree!.first[i + 1] = call;
  }
  return log;
}

function copyRequest(log: RequestLog, i: number, from: RequestTable, row: number): void {
  log.tenant[i] = from.tenant[row]!;
  log.server[i] = from.server[row]!;
  log.batchSize[i] = from.size[row]!;
  log.plannedUs[i] = from.plannedNs[row]! / 1000;
  log.sentUs[i] = from.sentNs[row]! / 1000;
  log.endedUs[i] = from.endedNs[row]! / 1000;
  log.frontEndUs[i] = from.frontEndUs[row]!;
  log.networkUs[i] = from.networkUs[row]!;
  log.outcome[i] = from.outcome[row]!;
  if (log.responses !== undefined) copyResponses(log.responses, i, from, row);
}

/** Of a request that has not ended nothing is told. */
export function copyResponses(into: ResponseColumns, i: number, from: RequestTable, row: number): void {
  const isCompleted = from.outcome[row] === Outcome.completed;
  const several = from.responses?.get(row);
  into.count[i] = isCompleted ? (several?.count ?? 1) : 0;
  into.firstUs[i] = isCompleted ? (several?.firstNs ?? from.endedNs[row]!) / 1000 : Number.NaN;
  if (into.lastUs !== undefined)
    into.lastUs[i] = isCompleted ? (several?.lastNs ?? from.endedNs[row]!) / 1000 : Number.NaN;
}

function copyCall(
  { calls }: RequestLog,
  i: number,
  { requests, executions }: ComponentResult,
  row: number,
  firstExecution: number,
): void {
  calls.queuedUs[i] = requests.queuedNs[row]! / 1000;
  calls.startedUs[i] = requests.startedNs[row]! / 1000;
  calls.inputUs[i] = requests.inputUs[row]!;
  calls.inferUs[i] = requests.inferUs[row]!;
  calls.outputUs[i] = requests.outputUs[row]!;
  calls.responseUs[i] = requests.responseUs[row]!;
  const execution = requests.execution[row]!;
  if (execution < 0) return;
  calls.execution[i] = firstExecution + execution;
  calls.executedBatch[i] = executions.batch[execution]!;
  calls.instance[i] = executions.instance[execution]!;
}

/** Columns for so many requests. */
export function emptyResponses(rows: number, { servers }: Scenario): ResponseColumns {
  const mayEndLater = servers.some(({ models }) =>
    models.some(({ responses }) => responses?.endUs !== undefined),
  );
  return {
    count: new Uint32Array(rows),
    firstUs: new Float64Array(rows),
    ...(mayEndLater && { lastUs: new Float64Array(rows) }),
  };
}

/** A log with room for all calls, of which each names its model. */
function emptyTrees(scenario: Scenario, rows: number, results: readonly ComponentResult[]): RequestLog {
  const count = results.reduce((sum, { requests }) => sum + requests.length, 0);
  return {
    ...emptyRequests(scenario, rows),
    calls: {
      ...emptyCalls(scenario, count),
      models: scenario.servers.flatMap(({ models }) => models.map(({ config }) => ({ name: config.name }))),
      model: new Uint16Array(count),
      server: new Uint16Array(count),
      outcome: new Uint8Array(count),
      tree: {
        first: new Uint32Array(rows + 1),
        parent: new Int32Array(count).fill(-1),
        endedUs: new Float64Array(count).fill(Number.NaN),
      },
    },
  };
}

/** Every request is one call of its tenant's model, so the calls have these columns in common with the requests. */
function emptyLog(scenario: Scenario, rows: number): RequestLog {
  const requests = emptyRequests(scenario, rows);
  const { tenant, server, outcome } = requests;
  const models = scenario.tenants.map(({ model }) => ({ name: model }));
  return { ...requests, calls: { ...emptyCalls(scenario, rows), models, model: tenant, server, outcome } };
}

function emptyRequests(scenario: Scenario, rows: number): Omit<RequestLog, 'calls'> {
  return {
    tenants: scenario.tenants.map(({ name }) => name),
    servers: scenario.servers.map(({ name }) => name),
    tenant: new Uint16Array(rows),
    server: new Uint16Array(rows),
    batchSize: new Uint16Array(rows),
    plannedUs: new Float64Array(rows),
    sentUs: new Float64Array(rows),
    endedUs: new Float64Array(rows),
    frontEndUs: new Float32Array(rows),
    networkUs: new Float32Array(rows),
    outcome: new Uint8Array(rows),
    endUs: scenario.durationUs,
  };
}

/** The columns that calls have of their own. */
function emptyCalls({ servers }: Scenario, calls: number) {
  const isLarge = servers.some(({ models }) =>
    models.some(({ config }) => config.maxBatchSize > MOST_INFERENCES),
  );
  return {
    instance: new Int16Array(calls).fill(-1),
    queuedUs: new Float64Array(calls),
    startedUs: new Float64Array(calls),
    inputUs: new Float32Array(calls),
    inferUs: new Float32Array(calls),
    outputUs: new Float32Array(calls),
    responseUs: new Float32Array(calls),
    execution: new Int32Array(calls).fill(-1),
    executedBatch: isLarge ? new Uint32Array(calls) : new Uint16Array(calls),
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
    for (let row = 0; row < requests.length; row++)
      if (isRequest(requests, row)) counts[requests.tenant[row]!]!++;
  const rowsOf = Array.from(counts, (count) => new Int32Array(count));
  const resultOf = new Int32Array(scenario.tenants.length).fill(-1);
  counts.fill(0);
  results.forEach(({ requests, component }, result) => {
    for (const tenant of component.tenants) resultOf[tenant] = result;
    for (let row = 0; row < requests.length; row++) {
      if (!isRequest(requests, row)) continue;
      const tenant = requests.tenant[row]!;
      rowsOf[tenant]![counts[tenant]!++] = row;
    }
  });
  const total = rowsOf.reduce((sum, { length }) => sum + length, 0);
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
