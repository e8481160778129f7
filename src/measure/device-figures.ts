import { remembered } from '../base/remembered.js';
import { sharesByTenant } from '../metrics/summarize.js';
import type { DeviceSummary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { type DeviceBusy, deviceBusy, mostMemoryMb } from '../simulator/outcome/device-use.js';
import { type Component, serversOf } from '../simulator/partition.js';
import type { HostUse } from '../simulator/result.js';
import type { ComponentDevice } from './component-figures.js';
import { unionNs } from './interval-list.js';
import type { PlacedFigures } from './run-figures.js';
import { joinIntervals } from './simulate-columns.js';

type PlacedUse = ComponentDevice & { readonly component: Component };

/**
 * What devices did, as `summarize` has it.
 * @param isWhole with time lines and memory; else without, which takes less time
 */
export function deviceFigures(
  scenario: Scenario,
  components: readonly PlacedFigures[],
  isWhole: boolean,
): DeviceSummary[] {
  const uses = usesByDevice(components);
  const durationNs = scenario.durationUs * 1000;
  const memoryMb = isWhole ? mostMemoryMb(scenario) : undefined;
  return scenario.servers.flatMap((server, s) => {
    return server.devices.map((device, d) => {
      const own = uses.get(`${s} ${d}`) ?? [];
      const busy = busyOf(own, durationNs, isWhole);
      return {
        server: server.name,
        device: device.name,
        kind: device.kind,
        memoryUsedMb: memoryMb?.[s]?.[d] ?? 0,
        memoryMb: device.memoryMb,
        shareByTenant: sharesOf(scenario, busy.busyShare, own),
        ...busy,
      };
    });
  });
}

/** By server and device. */
function usesByDevice(components: readonly PlacedFigures[]): ReadonlyMap<string, PlacedUse[]> {
  const found = new Map<string, PlacedUse[]>();
  for (const { component, figures } of components) {
    const servers = serversOf(component);
    for (const use of figures.devices) {
      const server = servers[use.server]!;
      remembered(found, `${server} ${use.device}`, () => []).push({ ...use, server, component });
    }
  }
  return found;
}

function busyOf(uses: readonly PlacedUse[], durationNs: number, isWhole: boolean): DeviceBusy {
  const [only] = uses;
  if (only?.busy !== undefined) return only.busy;
  if (!isWhole && uses.length === 1) return { busyShare: uses[0]!.unionNs / durationNs, timeline: [] };
  const { startNs, endNs } = joinIntervals(uses);
  if (isWhole) return deviceBusy(startNs, endNs, durationNs);
  return { busyShare: unionNs(startNs, endNs) / durationNs, timeline: [] };
}

function sharesOf(
  { tenants }: Scenario,
  busyShare: number,
  uses: readonly PlacedUse[],
): DeviceSummary['shareByTenant'] {
  const busyUs = new Map<string, number>();
  for (const use of uses) {
    for (const [i, tenant] of use.component.tenants.entries()) {
      const us = use.busyUs[i]!;
      const { name } = tenants[tenant]!;
      if (us > 0) busyUs.set(name, (busyUs.get(name) ?? 0) + us);
    }
  }
  return sharesByTenant(busyUs, busyShare);
}

/** What the cores of each server's host did. */
export function hostFigures(scenario: Scenario, components: readonly PlacedFigures[]): HostUse[] {
  const coreNs = new Float64Array(scenario.servers.length);
  for (const { component, figures } of components) {
    const servers = serversOf(component);
    for (const [place, ns] of figures.hostCoreNs) coreNs[servers[place]!]! += ns;
  }
  return scenario.servers.map((server, s) => ({
    server: server.name,
    cpuCores: server.cpuCores,
    coresBusy: coreNs[s]! / (scenario.durationUs * 1000),
  }));
}
