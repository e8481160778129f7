import { groupBy } from '../base/group-by.js';
import type { Window } from '../metrics/figures/rates.js';
import { type FigureMemory, type TenantFigures, tenantFigures } from '../metrics/figures/tenant-figures.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import type { HeldLatencies } from '../metrics/statistics/counted-latencies.js';
import { Scratch } from '../metrics/statistics/scratch.js';
import type { Scenario } from '../scenario/scenario.js';
import { type DeviceBusy, deviceBusy } from '../simulator/outcome/device-use.js';
import { type Component, serversOf } from '../simulator/partition.js';
import type { ComponentColumns, DeviceIntervals } from './columns.js';
import { unionNs } from './interval-list.js';
import { joinIntervals, simulateColumns } from './simulate-columns.js';

/** Everything that a point takes from one component; the same wherever the same component is in. */
export interface ComponentFigures {
  /** In order of the component's tenants. */
  readonly tenants: readonly TenantFigures[];
  /** Servers are counted among those of the component. */
  readonly devices: readonly ComponentDevice[];
  /** By the same count. */
  readonly hostCoreNs: ReadonlyMap<number, number>;
  /** Executions by batch size, in order of the component's served models. */
  readonly byBatchSize: readonly Float64Array[];
  /** In the same order. */
  readonly counts: ComponentColumns['counts'];
  /** Latencies of all its tenants together, where they are only counted. */
  readonly counted?: HeldLatencies;
  /** Bytes that it keeps in memory, about. */
  readonly bytes: number;
}

/** What one component did on a device. */
export interface ComponentDevice extends DeviceIntervals {
  /** Length of the union of its intervals. */
  readonly unionNs: number;
  /** In slices of the run, where stages are asked for and no other component has the device: then no intervals are kept. */
  readonly busy?: DeviceBusy;
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
      ...deviceOf(scenario, component, use, memory),
      server: servers.indexOf(use.server),
    })),
    byBatchSize: columns.byBatchSize,
    counts: columns.counts,
    hostCoreNs: new Map([...columns.hostCoreNs].map(([server, ns]) => [servers.indexOf(server), ns])),
    bytes: bytesOf(columns, tenants),
  };
}

function deviceOf(
  scenario: Scenario,
  component: Component,
  use: DeviceIntervals,
  { hasStages = false }: FigureMemory,
): ComponentDevice {
  const { startNs, endNs } = use;
  if (!hasStages || isOfOthers(scenario, component, use)) return { ...use, unionNs: unionNs(startNs, endNs) };
  const busy = deviceBusy(startNs, endNs, scenario.durationUs * 1000);
  return { ...use, ...NO_INTERVALS, unionNs: busy.busyShare * scenario.durationUs * 1000, busy };
}

export const NO_INTERVALS = { startNs: new Float64Array(), endNs: new Float64Array() };

/** Whether models of another component run on the device too: only where executions do not get in each other's way there. */
function isOfOthers(
  { servers }: Scenario,
  { served }: Component,
  { server, device }: DeviceIntervals,
): boolean {
  const { devices, models } = servers[server]!;
  if (devices[device]!.sharing.mode !== 'exclusive') return false;
  const own = new Set(served.filter((ref) => ref.server === server).map(({ model }) => model));
  return models.some(
    ({ instances }, m) => !own.has(m) && instances.some((instance) => instance.device === device),
  );
}

/** Models of the component on one device together, so that points that reuse it need not put them together again. */
function joinByDevice(uses: readonly DeviceIntervals[]): DeviceIntervals[] {
  const groups = groupBy(uses, ({ server, device }) => `${server} ${device}`);
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
