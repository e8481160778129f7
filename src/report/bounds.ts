import { countBefore } from '../base/count-before.js';
import { remembered } from '../base/remembered.js';
import { simulateColumns } from '../measure/simulate-columns.js';
import { quantiles } from '../metrics/statistics/quantiles.js';
import { withLeastEffects } from '../scenario/change-effects.js';
import { renumbered, withCalled } from '../scenario/composition.js';
import type { Load, Scenario, Server, Tenant } from '../scenario/scenario.js';
import { withUnlimitedDevices } from '../scenario/what-if.js';
import { partition } from '../simulator/partition.js';
import { Outcome } from '../trace/request-log.js';
import { takeRows } from '../trace/rows.js';
import { firstArrivals, plannedRequests } from '../trace/synthesis/drawn-trace.js';
import type { Trace } from '../trace/trace.js';
import type { TenantBound } from './run-report.js';

type OpenTenant = Tenant & { readonly load: Extract<Load, { mode: 'open' }> };

/** Requests that the bounds of all tenants together may simulate: a tenth of a second. */
const MOST_REQUESTS = 50_000;
/** With fewer of one tenant its p99 would be the luck of a request or two. */
const LEAST_OF_A_TENANT = 200;
/** Of more tenants the bounds would take longer than the run: so many have as many requests together as all may simulate. */
export const MOST_BOUNDED = MOST_REQUESTS / LEAST_OF_A_TENANT / 2;
/** Requests after the warm-up that are drawn for a sample, where arrivals are not kept: some hundredth of a second. */
const REQUESTS_OF_A_BEGINNING = 100_000;
/** Stretches of the load of which a sample is made: as many busy and quiet ones as it has. */
const STRETCHES = 20;

/**
 * What no placement of the same models on the same kinds of device can beat: each tenant alone with
 * devices and hosts without limit, where requests wait for the batcher but never for an instance. Of long loads from a sample.
 *
 * @param names of the tenants whose bounds are asked for; default: all
 */
export function latencyBounds(scenario: Scenario, names?: readonly string[]): TenantBound[] {
  const asked = names && new Set(names);
  const tenants =
    asked === undefined ? scenario.tenants : scenario.tenants.filter(({ name }) => asked.has(name));
  const most = Math.max(LEAST_OF_A_TENANT, Math.floor(MOST_REQUESTS / tenants.length));
  // Of many tenants some have the same targets.
  const known = new Map<string, Scenario | undefined>();
  return tenants.flatMap((tenant) => {
    const { load } = tenant;
    if (load.mode !== 'open') return [];
    const unlimited = remembered(known, JSON.stringify(tenant.targets), () =>
      withUnlimitedDevices(servedAlone(scenario, tenant), tenant.name),
    );
    return unlimited === undefined ? [] : unlimitedBound(unlimited, { ...tenant, load }, most);
  });
}

/** @param scenario of a tenant with the same targets, alone and without limits */
function unlimitedBound(scenario: Scenario, tenant: OpenTenant, most: number): TenantBound {
  const { targets } = scenario.tenants[0]!;
  const own = { ...scenario, tenants: [{ ...tenant, targets }] };
  const [p50Us, p99Us] = quantiles(latenciesUs(sampled(own, tenant, most)), [0.5, 0.99]);
  return { tenant: tenant.name, bound: 'unlimited devices', p50Ms: p50Us! / 1000, p99Ms: p99Us! / 1000 };
}

/** Of the requests of the only tenant that were planned after the warm-up and answered. */
function latenciesUs(scenario: Scenario): Float64Array {
  const [component] = partition(scenario);
  const { plannedUs, endedUs, outcome } = simulateColumns(scenario, component!).tenants[0]!;
  const found = new Float64Array(plannedUs.length);
  let count = 0;
  for (let row = 0; row < plannedUs.length; row++) {
    const planned = plannedUs[row]!;
    if (outcome[row] !== Outcome.completed || planned < scenario.warmUpUs || planned > scenario.durationUs)
      continue;
    found[count++] = endedUs[row]! - planned;
  }
  return found.subarray(0, count);
}

/** The tenant with the servers and models that it sends to, and nothing else. */
function servedAlone(scenario: Scenario, tenant: Tenant): Scenario {
  const used = [...new Set(tenant.targets.map(({ server }) => server))];
  const modelsOf = (s: number) => {
    const asked = tenant.targets.filter(({ server }) => server === s).map(({ model }) => model);
    return withCalled(scenario.servers[s]!.models, asked);
  };
  const targets = tenant.targets.map(({ server, model }) => ({
    server: used.indexOf(server),
    model: modelsOf(server).indexOf(model),
  }));
  const servers = used.map((s) => {
    const server = scenario.servers[s]!;
    const kept = modelsOf(s);
    const models = kept.map((m) => renumbered(server.models[m]!, (called) => kept.indexOf(called)));
    const own = withOwnDevices({ ...server, models });
    // A tenant alone lets cores fall asleep and its model go cold; beside others they may be awake.
    return withLeastEffects(own);
  });
  // Without limits nothing has to come, and nothing that goes is missed.
  const { changes: _, ...lasting } = scenario;
  return { ...lasting, servers, tenants: [{ ...tenant, targets }] };
}

function withOwnDevices(server: Server): Server {
  const used = [...new Set(server.models.flatMap(({ instances }) => instances.map(({ device }) => device)))];
  const kept = used.filter((device) => device >= 0).sort((a, b) => a - b);
  const models = server.models.map((model) => ({
    ...model,
    instances: model.instances.map(({ device, profile }) => ({
      device: device < 0 ? device : kept.indexOf(device),
      profile,
    })),
  }));
  return { ...server, devices: kept.map((device) => server.devices[device]!), models };
}

/**
 * The scenario with a load of at most so many requests: stretches of the tenant's own from after its warm-up, at even distances, each
 * of which follows the one before at the distance that its first request had from its predecessor.
 */
function sampled(scenario: Scenario, tenant: OpenTenant, most: number): Scenario {
  const trace = beginningOf(tenant.load.trace, scenario);
  const from = countBefore(trace.arrivalUs, scenario.warmUpUs);
  const count = countBefore(trace.arrivalUs, scenario.durationUs) - from;
  if (count <= most) return scenario;
  const length = Math.floor(most / STRETCHES);
  const rows = new Uint32Array(STRETCHES * length);
  const arrivalUs = new Float64Array(rows.length);
  let atUs = 0;
  for (let i = 0; i < rows.length; i++) {
    const stretch = Math.floor(i / length);
    const start = from + Math.floor((stretch * (count - length)) / (STRETCHES - 1));
    const row = start + (i - stretch * length);
    atUs += row === 0 ? 0 : trace.arrivalUs[row]! - trace.arrivalUs[row - 1]!;
    rows[i] = row;
    arrivalUs[i] = atUs;
  }
  const durationUs = atUs + Math.ceil((scenario.durationUs - scenario.warmUpUs) / count);
  const load = { ...tenant.load, trace: { ...takeRows(trace, rows), arrivalUs, durationUs } };
  return { ...scenario, warmUpUs: 0, durationUs, tenants: [{ ...scenario.tenants[0]!, load }] };
}

/** The beginning of a trace whose arrivals would be drawn for it alone, long enough for a sample; any other as it is. */
function beginningOf(trace: Trace, { warmUpUs, durationUs }: Scenario): Trace {
  const { drawn } = trace;
  if (drawn === undefined || drawn.isKept) return trace;
  const ofWarmUp = Math.ceil((2 * plannedRequests(trace) * warmUpUs) / durationUs);
  const arrivalUs = firstArrivals(drawn, ofWarmUp + REQUESTS_OF_A_BEGINNING);
  return { tenants: trace.tenants, arrivalUs, tenant: new Uint16Array(arrivalUs.length), durationUs };
}
