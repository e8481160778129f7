import type { Scenario } from '../../scenario/scenario.js';
import type { Component } from '../../simulator/partition.js';
import { serversOf } from '../../simulator/partition.js';
import { measuredTenants } from '../measured-tenant.js';
import type { ComponentColumns, DeviceIntervals } from './columns.js';
import { unionNs } from './interval-list.js';
import { Scratch } from './scratch.js';
import { joinIntervals, simulateColumns } from './simulate-columns.js';
import { type FigureMemory, type TenantFigures, tenantFigures, type Window } from './tenant-figures.js';

/** Everything that a point takes from one component; the same wherever the same component is in. */
export interface ComponentFigures {
  /** In order of the component's tenants. */
  readonly tenants: readonly TenantFigures[];
  /** Servers are counted among those of the component. */
  readonly devices: readonly (DeviceIntervals & { readonly unionNs: number })[];
  /** By the same count. */
  readonly hostCoreNs: ReadonlyMap<number, number>;
  /** Executions by batch size, in order of the component's served models. */
  readonly byBatchSize: readonly Float64Array[];
  /** In the same order: how often their batchers lost a wake-up, as in `ExecutionCounts`. */
  readonly lostWakeUps: Uint32Array;
  /** Bytes that it keeps in memory, about. */
  readonly bytes: number;
}

/** Simulates a component and measures its tenants. */
export function componentFigures(
  scenario: Scenario,
  component: Component,
  memory: FigureMemory = { scratch: new Scratch(), isKept: true },
): ComponentFigures {
  memory.scratch.clear();
  const columns = simulateColumns(scenario, component, memory.scratch, memory.hasStages);
  const measured = measuredTenants(component.tenants.map((index) => scenario.tenants[index]!));
  const window = windowOf(scenario);
  const tenants = measured.map((tenant, i) => tenantFigures(columns.tenants[i]!, tenant, window, memory));
  const servers = serversOf(component);
  return {
    tenants,
    devices: joinByDevice(columns.devices).map((use) => ({
      ...use,
      server: servers.indexOf(use.server),
      unionNs: unionNs(use.startNs, use.endNs),
    })),
    byBatchSize: columns.byBatchSize,
    lostWakeUps: columns.lostWakeUps,
    hostCoreNs: new Map([...columns.hostCoreNs].map(([server, ns]) => [servers.indexOf(server), ns])),
    bytes: bytesOf(columns, tenants),
  };
}

/** Models of the component on one device together, so that points that reuse it need not put them together again. */
function joinByDevice(uses: readonly DeviceIntervals[]): DeviceIntervals[] {
  const groups = new Map<string, DeviceIntervals[]>();
  for (const use of uses) {
    const key = `${use.server} ${use.device}`;
    groups.set(key, [...(groups.get(key) ?? []), use]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (group.length === 1) return first!;
    const busyUs = first!.busyUs.map((_, tenant) => group.reduce((sum, use) => sum + use.busyUs[tenant]!, 0));
    return { ...first!, ...joinIntervals(group), busyUs };
  });
}

/** From the end of the warm-up to the end of the run. */
export function windowOf({ warmUpUs, durationUs }: Scenario): Window {
  return { fromUs: Math.min(warmUpUs, durationUs), endUs: durationUs };
}

function bytesOf({ devices }: ComponentColumns, tenants: readonly TenantFigures[]): number {
  const columns = [
    ...tenants.map(({ completions }) => completions.latencyUs),
    ...devices.flatMap(({ startNs, endNs }) => [startNs, endNs]),
  ];
  return columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
