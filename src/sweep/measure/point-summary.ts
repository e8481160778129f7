import { isWorse } from '../../metrics/stability.js';
import { TOTAL } from '../../metrics/summarize.js';
import type { DeviceSummary, HostSummary, Stability, Summary, TenantSummary } from '../../metrics/summary.js';
import type { Scenario } from '../../scenario/scenario.js';
import { type ModelExecutions, runWarnings } from '../../simulator/outcome/run-warnings.js';
import type { Component } from '../../simulator/partition.js';
import { serversOf } from '../detached.js';
import { type ComponentFigures, windowOf } from './component-figures.js';
import { unionNs } from './interval-list.js';
import { RecentOrders } from './planned-order.js';
import { Scratch } from './scratch.js';
import { joinIntervals } from './simulate-columns.js';
import { addSlices, latencyOf, ratesOf, type TenantFigures, UNKNOWN_SPLIT } from './tenant-figures.js';

/** A point's figures: its summary, and the share of the promised requests that were kept, over all tenants with an SLO. */
export interface PointFigures {
  readonly summary: Summary;
  readonly attainment: number;
}

/** A component of the scenario, and the figures of one like it. */
export interface PlacedFigures {
  readonly component: Component;
  readonly figures: ComponentFigures;
}

/**
 * Puts the components of a scenario together: the figures that `summarize` gives for the whole run,
 * less time lines, where requests spent their time, and of the warnings those about latencies.
 *
 * @param orders keeps what points with the same arrivals have in common
 * @param scratch cleared before it is used
 */
export function pointFigures(
  scenario: Scenario,
  components: readonly PlacedFigures[],
  orders = new RecentOrders(),
  scratch = new Scratch(),
): PointFigures {
  scratch.clear();
  const figures: TenantFigures[] = [];
  for (const { component, figures: own } of components) {
    for (const [i, tenant] of component.tenants.entries()) figures[tenant] = own.tenants[i]!;
  }
  const window = windowOf(scenario);
  const tenants = figures.map(({ summary }) => summary);
  const withSlo = figures.filter(({ summary }) => summary.slo !== undefined);
  const devices = devicesOf(scenario, components);
  const summary: Summary = {
    scenario: scenario.name,
    seed: String(scenario.seed),
    runs: 1,
    measuredS: (window.endUs - window.fromUs) / 1e6,
    warmUpS: window.fromUs / 1e6,
    tenants,
    total: totalOf(scenario, figures, orders, scratch),
    devices,
    hosts: hostsOf(scenario, components),
    models: [],
    warnings: runWarnings(scenario, executionsOf(scenario, components), devices),
  };
  return { summary, attainment: sumOf(withSlo, 'met') / sumOf(withSlo, 'settled') };
}

/** Of every model of every server; of one that no tenant sends to there are none. */
function executionsOf({ servers }: Scenario, components: readonly PlacedFigures[]): ModelExecutions[] {
  const found = servers.map(({ models }) => models.map((): ModelExecutions => ({ byBatchSize: [] })));
  for (const { component, figures } of components) {
    for (const [i, { server, model }] of component.served.entries())
      found[server]![model] = { byBatchSize: figures.byBatchSize[i]!, lostWakeUps: figures.lostWakeUps[i]! };
  }
  return found.flat();
}

function sumOf(figures: readonly TenantFigures[], key: 'met' | 'settled'): number {
  return figures.reduce((sum, one) => sum + one[key], 0);
}

function totalOf(
  scenario: Scenario,
  figures: readonly TenantFigures[],
  orders: RecentOrders,
  scratch: Scratch,
): TenantSummary {
  const [first] = figures;
  if (figures.length === 1) {
    const { slo: _, ...summary } = first!.summary;
    return { ...summary, tenant: TOTAL };
  }
  const window = windowOf(scenario);
  const slices = addSlices(figures.map((tenant) => tenant.slices));
  const counts = addCounts(figures.map(({ summary }) => summary.counts));
  const rates = ratesOf(slices, window);
  return {
    tenant: TOTAL,
    counts,
    offeredPerS: counts.offered / ((window.endUs - window.fromUs) / 1e6),
    ...rates,
    latencyMs: latencyOf(allLatencies(figures, orders, scratch), scratch),
    splitMs: UNKNOWN_SPLIT,
    executedBatch: Number.NaN,
    stability: worst(figures.map(({ summary }) => summary.stability)),
  };
}

function worst(verdicts: readonly Stability[]): Stability {
  return verdicts.reduce((worst, each) => (isWorse(each, worst) ? each : worst), 'stable');
}

function addCounts(parts: readonly TenantSummary['counts'][]): TenantSummary['counts'] {
  const sum = (key: keyof TenantSummary['counts']) => parts.reduce((total, part) => total + part[key], 0);
  return {
    offered: sum('offered'),
    completed: sum('completed'),
    rejected: sum('rejected'),
    timedOut: sum('timedOut'),
    failed: sum('failed'),
    inFlightAtEnd: sum('inFlightAtEnd'),
  };
}

/** All tenants' latencies in order of planned arrival, in which the intervals look for correlation. */
function allLatencies(
  figures: readonly TenantFigures[],
  orders: RecentOrders,
  scratch: Scratch,
): Float64Array {
  const lists = figures.map(({ completions }) => completions);
  const { order, starts } = orders.of(lists.map(({ plannedUs }) => plannedUs));
  // One column with a place for each planned request, so that going through them in order is one look-up each.
  const byPlace = scratch.float64(order.length).fill(Number.NaN);
  for (const [i, { latencyUs, first }] of lists.entries()) byPlace.set(latencyUs, starts[i]! + first);
  const all = scratch.float64(order.length);
  let next = 0;
  for (let i = 0; i < order.length; i++) {
    const latency = byPlace[order[i]!]!;
    if (!Number.isNaN(latency)) all[next++] = latency;
  }
  return all.subarray(0, next);
}

function devicesOf(scenario: Scenario, components: readonly PlacedFigures[]): DeviceSummary[] {
  const placed = components.flatMap(({ component, figures }) => {
    const servers = serversOf(component);
    return figures.devices.map((use) => ({ ...use, component, server: servers[use.server]! }));
  });
  return scenario.servers.flatMap((server, s) =>
    server.devices.map((device, d) => {
      const uses = placed.filter((use) => use.server === s && use.device === d);
      const busyNs = uses.length === 1 ? uses[0]!.unionNs : unionOf(uses);
      const busyShare = busyNs / (scenario.durationUs * 1000);
      const busyUs = new Float64Array(scenario.tenants.length);
      for (const use of uses) {
        for (const [i, tenant] of use.component.tenants.entries()) busyUs[tenant]! += use.busyUs[i]!;
      }
      return {
        server: server.name,
        device: device.name,
        kind: device.kind,
        busyShare,
        memoryUsedMb: 0,
        memoryMb: device.memoryMb,
        shareByTenant: sharesOf(scenario, busyShare, busyUs),
        timeline: [],
      };
    }),
  );
}

function unionOf(uses: Parameters<typeof joinIntervals>[0]): number {
  if (uses.length === 0) return 0;
  const { startNs, endNs } = joinIntervals(uses);
  return unionNs(startNs, endNs);
}

/** Where executions overlap, busy time is divided in proportion to their own times. */
function sharesOf(
  scenario: Scenario,
  busyShare: number,
  busyUs: Float64Array,
): DeviceSummary['shareByTenant'] {
  const sumUs = busyUs.reduce((sum, us) => sum + us, 0);
  return scenario.tenants
    .map(({ name }, tenant) => ({
      tenant: name,
      share: sumUs > 0 ? (busyShare * busyUs[tenant]!) / sumUs : 0,
    }))
    .filter((_, tenant) => busyUs[tenant]! > 0)
    .sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
}

function hostsOf(scenario: Scenario, components: readonly PlacedFigures[]): HostSummary[] {
  return scenario.servers.map((server, s) => {
    const coreNs = components.reduce((sum, { component, figures }) => {
      const place = serversOf(component).indexOf(s);
      return sum + (figures.hostCoreNs.get(place) ?? 0);
    }, 0);
    return {
      server: server.name,
      cpuCores: server.cpuCores,
      coresBusy: coreNs / (scenario.durationUs * 1000),
    };
  });
}
