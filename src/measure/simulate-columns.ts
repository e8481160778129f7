import { joined } from '../base/joined.js';
import { RandomStreams } from '../base/random.js';
import { remembered } from '../base/remembered.js';
import type { TenantColumns } from '../metrics/figures/columns.js';
import { stagesOfLog, type TenantStages } from '../metrics/figures/stages.js';
import { Scratch } from '../metrics/statistics/scratch.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import type { ComponentResult } from '../simulator/component-result.js';
import { ComponentSetup } from '../simulator/component-run.js';
import { areFastPaths, runFastPaths } from '../simulator/open-loop/fast-paths.js';
import { requestDeviceUs } from '../simulator/outcome/device-use.js';
import { copyResponses, emptyResponses, mergeLogs } from '../simulator/outcome/merge-logs.js';
import type { Component } from '../simulator/partition.js';
import { simulateComponent } from '../simulator/simulate.js';
import { ColumnSink } from './column-sink.js';
import type { ComponentColumns, DeviceIntervals } from './columns.js';
import { ascending, IntervalList } from './interval-list.js';
import { stagesOfTable } from './stages.js';

/**
 * Simulates one component and keeps what its figures need. The same events and the same
 * figures as a full simulation; where arrivals are known in advance no log is written.
 *
 * @param scratch holds the columns, but for what the arrivals have already and what is kept of devices
 * @param hasStages whether to keep where requests spent their time
 */
export function simulateColumns(
  scenario: Scenario,
  component: Component,
  scratch = new Scratch(),
  hasStages = false,
): ComponentColumns {
  const setup = new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  if (!areFastPaths(setup))
    return columnsOfTable(scenario, simulateComponent(scenario, component), hasStages);
  const sinks: ColumnSink[] = [];
  const { byBatchSize, counts, hostCoreNs } = runFastPaths(setup, {
    sinkFor: (model, arrivals) => {
      const sink = new ColumnSink(setup, model, arrivals, { scratch, hasStages });
      sinks[model] = sink;
      return sink;
    },
  });
  for (const sink of sinks) sink.runEnded();
  const places = new Map(setup.component.served.map(({ server, model }, i) => [`${server} ${model}`, i]));
  const positions = sinks.map((sink) => positionsByTenant(sink, setup.tenants.length, scratch));
  return {
    tenants: setup.tenants.map((tenant, t) => {
      const [target] = tenant.targets;
      const place = places.get(`${target!.server} ${target!.model}`)!;
      return columnsOfSink(tenant, sinks[place]!, positions[place]?.[t], scratch);
    }),
    devices: sinks.flatMap((sink) => intervalsOfSink(setup, sink)),
    byBatchSize,
    counts,
    hostCoreNs,
  };
}

/**
 * The columns of one tenant, out of those of the fast path to which it sends.
 * @param positions of its requests; undefined: it is the only one there
 */
function columnsOfSink(
  { load, batchSize }: Tenant,
  sink: ColumnSink,
  positions: Uint32Array | undefined,
  scratch: Scratch,
): TenantColumns {
  if (load.mode !== 'open') throw new Error('not all arrivals of a fast path are known');
  const count = positions?.length ?? sink.endedNs.length;
  const plannedUs = firstRows(load.trace.arrivalUs, count);
  // A sink of one tenant is nobody else's: its columns are used as they lie.
  const endedUs = positions === undefined ? sink.endedNs : scratch.float64(count);
  const outcome = positions === undefined ? sink.outcome : scratch.uint8(count);
  for (let i = 0; i < count; i++) {
    const position = positions?.[i] ?? i;
    endedUs[i] = sink.endedNs[position]! / 1000;
    if (positions !== undefined) outcome[i] = sink.outcome[position]!;
  }
  const sizes = load.trace.batchSize && firstRows(load.trace.batchSize, count);
  const stages = sink.stages?.of(positions);
  const own = { plannedUs, sentUs: plannedUs, endedUs, outcome, batchSize };
  return { ...own, ...(sizes && { sizes }), ...(stages && { stages }) };
}

/** The column itself where all of it is meant, so that points with the same arrivals share it. */
function firstRows<T extends Float64Array | Uint16Array>(column: T, count: number): T {
  return count === column.length ? column : (column.subarray(0, count) as T);
}

/** Where each tenant's requests stand in the order of admission; undefined: they are all of one tenant, in its order. */
function positionsByTenant(
  { arrivals: { tenantOf, positions, onlyTenant } }: ColumnSink,
  tenants: number,
  scratch: Scratch,
): Uint32Array[] | undefined {
  if (tenantOf === undefined) {
    if (positions === undefined) return undefined;
    return Array.from({ length: onlyTenant + 1 }, () => positions);
  }
  const ends = new Uint32Array(tenants + 1);
  for (let position = 0; position < tenantOf.length; position++) ends[tenantOf[position]! + 1]!++;
  for (let tenant = 0; tenant < tenants; tenant++) ends[tenant + 1]! += ends[tenant]!;
  const all = scratch.uint32(tenantOf.length);
  const next = ends.slice();
  for (let place = 0; place < tenantOf.length; place++) {
    const position = positions?.[place] ?? place;
    all[next[tenantOf[position]!]!++] = position;
  }
  return Array.from({ length: tenants }, (_, tenant) => all.subarray(ends[tenant], ends[tenant + 1]));
}

function intervalsOfSink(setup: ComponentSetup, sink: ColumnSink): DeviceIntervals[] {
  const { server } = setup.component.served[sink.model]!;
  return [...sink.intervals]
    .filter(([device]) => device >= 0)
    .map(([device, list]) => ({
      server,
      device,
      ...list.within(setup.durationNs),
      busyUs: sink.busyUs.get(device)!,
    }));
}

function columnsOfTable(scenario: Scenario, result: ComponentResult, hasStages: boolean): ComponentColumns {
  const { component, byBatchSize, counts, hostCoreNs } = result;
  const rows = rowsByTenant(result, scenario.tenants.length);
  const stagesOf = hasStages ? stagesByTenant(scenario, result, rows) : undefined;
  return {
    tenants: component.tenants.map((tenant) => ({
      ...columnsOfRows(scenario, result, rows[tenant]!),
      batchSize: scenario.tenants[tenant]!.batchSize,
      ...(stagesOf && { stages: stagesOf(tenant) }),
    })),
    devices: intervalsOfTable(scenario, result),
    byBatchSize,
    counts,
    hostCoreNs,
  };
}

/** Where the requests of each tenant of the component spent their time. */
function stagesByTenant(
  scenario: Scenario,
  result: ComponentResult,
  rows: readonly Uint32Array[],
): (tenant: number) => TenantStages {
  const { requests, executions, component } = result;
  if (requests.calls === undefined && requests.responses === undefined)
    return (tenant) => stagesOfTable(requests, executions, rows[tenant]!);
  const log = mergeLogs(scenario, [result]);
  const rowsOfLog = rowsOf(log.tenant, log.tenant.length, component, scenario.tenants.length);
  return (tenant) => stagesOfLog(log, rowsOfLog[tenant]!);
}

/** Rows of the requests of each tenant of the component, by the tenant's index in the scenario. */
function rowsByTenant({ requests, component }: ComponentResult, tenants: number): Uint32Array[] {
  const { calls, length, tenant } = requests;
  return rowsOf(tenant, length, component, tenants, calls?.parent);
}

/** @param parent of calls that make no request: they are left out */
function rowsOf(
  tenantOf: Uint16Array,
  length: number,
  component: Component,
  tenants: number,
  parent?: Int32Array,
): Uint32Array[] {
  const counts = new Uint32Array(tenants);
  const isRequest = (row: number) => parent === undefined || parent[row]! < 0;
  for (let row = 0; row < length; row++) if (isRequest(row)) counts[tenantOf[row]!]!++;
  const rows: Uint32Array[] = [];
  for (const tenant of component.tenants) rows[tenant] = new Uint32Array(counts[tenant]!);
  counts.fill(0);
  for (let row = 0; row < length; row++) {
    if (!isRequest(row)) continue;
    const tenant = tenantOf[row]!;
    rows[tenant]![counts[tenant]!++] = row;
  }
  return rows;
}

function columnsOfRows(
  scenario: Scenario,
  { requests }: ComponentResult,
  rows: Uint32Array,
): Omit<TenantColumns, 'batchSize'> {
  const columns = {
    plannedUs: new Float64Array(rows.length),
    sentUs: new Float64Array(rows.length),
    endedUs: new Float64Array(rows.length),
    outcome: new Uint8Array(rows.length),
    sizes: new Uint16Array(rows.length),
    ...(requests.responses !== undefined && { responses: emptyResponses(rows.length, scenario) }),
  };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    columns.plannedUs[i] = requests.plannedNs[row]! / 1000;
    columns.sentUs[i] = requests.sentNs[row]! / 1000;
    columns.endedUs[i] = requests.endedNs[row]! / 1000;
    columns.outcome[i] = requests.outcome[row]!;
    columns.sizes[i] = requests.size[row]!;
    if (columns.responses !== undefined) copyResponses(columns.responses, i, requests, row);
  }
  return columns;
}

function intervalsOfTable(
  scenario: Scenario,
  { component, executions, requests }: ComponentResult,
): DeviceIntervals[] {
  const found = new Map<
    string,
    Pick<DeviceIntervals, 'server' | 'device' | 'busyUs'> & { list: IntervalList }
  >();
  const entryOf = (execution: number) => {
    const ref = component.served[executions.model[execution]!]!;
    const model = scenario.servers[ref.server]!.models[ref.model]!;
    const { device } = model.instances[executions.instance[execution]!]!;
    return remembered(found, `${ref.server} ${device}`, () => ({
      server: ref.server,
      device,
      list: new IntervalList(),
      busyUs: new Float64Array(component.tenants.length),
    }));
  };
  for (let i = 0; i < executions.length; i++) {
    const { list } = entryOf(i);
    const number = list.add(executions.inferStartNs[i]!);
    if (!Number.isNaN(executions.inferEndNs[i]!)) list.end(number, executions.inferEndNs[i]!);
  }
  const durationNs = scenario.durationUs * 1000;
  const placeOf = new Map(component.tenants.map((tenant, place) => [tenant, place]));
  for (let row = 0; row < requests.length; row++) {
    const execution = requests.execution[row]!;
    if (execution < 0) continue;
    entryOf(execution).busyUs[placeOf.get(requests.tenant[row]!)!]! += requestDeviceUs(
      { requests, executions },
      row,
      durationNs,
    );
  }
  return [...found.values()]
    .filter(({ device }) => device >= 0)
    .map(({ server, device, list, busyUs }) => ({ server, device, ...list.within(durationNs), busyUs }));
}

/** Intervals of several components on one device together. */
export function joinIntervals(parts: readonly DeviceIntervals[]): Pick<DeviceIntervals, 'startNs' | 'endNs'> {
  if (parts.length === 1) return parts[0]!;
  const join = (column: 'startNs' | 'endNs') => ascending(joined(parts.map((part) => part[column])));
  return { startNs: join('startNs'), endNs: join('endNs') };
}
