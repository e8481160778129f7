import { RandomStreams } from '../base/random.js';
import { remembered } from '../base/remembered.js';
import { NO_COMPLETIONS } from '../metrics/figures/completions.js';
import type { SeriesSize } from '../metrics/figures/tenant-series.js';
import { TenantTally } from '../metrics/figures/tenant-tally.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import { CountedLatencies } from '../metrics/statistics/counted-latencies.js';
import type { Scenario } from '../scenario/scenario.js';
import { ComponentSetup } from '../simulator/component-run.js';
import { areFastPaths, runFastPaths } from '../simulator/open-loop/fast-paths.js';
import { type Component, partition, serversOf } from '../simulator/partition.js';
import { plannedRequests } from '../trace/synthesis/drawn-trace.js';
import { BusyTally } from './busy-tally.js';
import { type ComponentFigures, NO_INTERVALS, windowOf } from './component-figures.js';
import { type CountedDevice, CountedSink } from './counted-sink.js';

/** Runs of more requests have no room for a column of them. */
export const MOST_KEPT = 1e7;
/** What is counted of a tenant takes as much memory as columns of so many requests. */
const LEAST_OF_A_TENANT = 1e5;

/**
 * Whether the requests of a run are counted when they are answered: those of a long one, where each component is made of fast paths
 * whose models refuse no request.
 */
export function isCounted(scenario: Scenario): boolean {
  const { tenants } = scenario;
  let planned = 0;
  for (const { load } of tenants) {
    if (load.mode !== 'open') return false;
    planned += plannedRequests(load.trace);
  }
  if (planned <= MOST_KEPT || planned < LEAST_OF_A_TENANT * tenants.length) return false;
  const streams = new RandomStreams(scenario.seed);
  return partition(scenario).every((component) =>
    canBeCounted(new ComponentSetup(scenario, component, streams)),
  );
}

/** Whether nothing is dropped, and no device is also one of models that are simulated at another time. */
export function canBeCounted(setup: ComponentSetup): boolean {
  const { component, served, scenario } = setup;
  const mayDrop = served.some(
    ({ config }, index) => config.sequences !== undefined || setup.hasPolicy(index),
  );
  if (mayDrop || !areFastPaths(setup)) return false;
  return component.served.every(({ server, model }) => {
    const { devices, models } = scenario.servers[server]!;
    return models[model]!.instances.every(
      ({ device }) =>
        device < 0 ||
        devices[device]!.sharing.mode !== 'exclusive' ||
        models.every((other, m) => m === model || other.instances.every((one) => one.device !== device)),
    );
  });
}

/** As `componentFigures`, of a component of such a run: nothing is kept of its requests but when they come. */
export function countedFigures(
  scenario: Scenario,
  component: Component,
  series: SeriesSize | undefined,
): ComponentFigures {
  const setup = new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  const window = windowOf(scenario);
  const tallies = measuredTenants(setup.tenants).map((tenant) => new TenantTally(tenant, window, series));
  const places = serversOf(component);
  const devices = new Map<string, CountedDevice & { readonly server: number; readonly device: number }>();
  const deviceOf = (server: number, device: number) => {
    if (device < 0) return undefined;
    return remembered(devices, `${server} ${device}`, () => ({
      server: places.indexOf(server),
      device,
      busy: new BusyTally(setup.durationNs),
      busyUs: new Float64Array(tallies.length),
    }));
  };
  const sinks: CountedSink[] = [];
  const { byBatchSize, counts, hostCoreNs } = runFastPaths(setup, {
    sinkFor: (model, arrivals) => {
      const { server } = component.served[model]!;
      const sink = new CountedSink(setup, model, arrivals, tallies, (device) => deviceOf(server, device));
      sinks.push(sink);
      return sink;
    },
  });
  for (const sink of sinks) sink.runEnded();
  const tenants = tallies.map((tally) => ({ ...tally.figures(), completions: NO_COMPLETIONS }));
  const all = new CountedLatencies();
  for (const { latencies } of tallies) all.merge(latencies);
  return {
    tenants,
    devices: [...devices.values()].map(({ busy, ...device }) => {
      const did = busy.busy();
      return { ...device, ...NO_INTERVALS, unionNs: did.busyShare * setup.durationNs, busy: did };
    }),
    byBatchSize,
    counts,
    hostCoreNs: new Map([...hostCoreNs].map(([server, ns]) => [places.indexOf(server), ns])),
    bytes: 0,
    counted: all.held,
  };
}
