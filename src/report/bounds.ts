import { countBefore } from '../base/count-before.js';
import { percentileOf } from '../metrics/summary.js';
import { withLeastEffects } from '../scenario/change-effects.js';
import type { Load, Scenario, Server, Tenant } from '../scenario/scenario.js';
import { withUnlimitedDevices } from '../scenario/what-if.js';
import { simulate } from '../simulator/simulate.js';
import { takeRows } from '../trace/rows.js';
import { summarizeRun } from './build-report.js';
import type { TenantBound } from './run-report.js';

type OpenLoad = Extract<Load, { mode: 'open' }>;

/** Requests that the bounds of all tenants together may simulate: a fraction of a second. */
const MOST_REQUESTS = 50_000;
/** With fewer of one tenant its p99 would be the luck of a request or two. */
const LEAST_OF_A_TENANT = 200;
/** Stretches of the load of which a sample is made: as many busy and quiet ones as it has. */
const STRETCHES = 20;

/**
 * What no placement of the same models on the same kinds of device can beat: each tenant alone with
 * devices and hosts without limit, where requests wait for the batcher but never for an instance. Of long loads from a sample.
 */
export function latencyBounds(scenario: Scenario): TenantBound[] {
  const most = Math.max(LEAST_OF_A_TENANT, Math.floor(MOST_REQUESTS / scenario.tenants.length));
  return scenario.tenants.flatMap((tenant) => unlimitedBound(scenario, tenant, most) ?? []);
}

function unlimitedBound(scenario: Scenario, tenant: Tenant, most: number): TenantBound | undefined {
  const { load } = tenant;
  if (load.mode !== 'open') return undefined;
  const alone = sampled(servedAlone(scenario, tenant), { ...tenant, load }, most);
  const unlimited = withUnlimitedDevices(alone, tenant.name);
  if (unlimited === undefined) return undefined;
  const summary = summarizeRun({ scenario: unlimited, result: simulate(unlimited) }).tenants[0]!;
  const at = (percentile: number) => percentileOf(summary, percentile)?.value ?? Number.NaN;
  return { tenant: tenant.name, bound: 'unlimited devices', p50Ms: at(50), p99Ms: at(99) };
}

/** The tenant with the servers and models that it sends to, and nothing else. */
function servedAlone(scenario: Scenario, tenant: Tenant): Scenario {
  const used = [...new Set(tenant.targets.map(({ server }) => server))];
  const modelsOf = (s: number) => [
    ...new Set(tenant.targets.filter(({ server }) => server === s).map(({ model }) => model)),
  ];
  const targets = tenant.targets.map(({ server, model }) => ({
    server: used.indexOf(server),
    model: modelsOf(server).indexOf(model),
  }));
  const servers = used.map((s) => {
    const server = scenario.servers[s]!;
    const own = withOwnDevices({ ...server, models: modelsOf(s).map((m) => server.models[m]!) });
    // A tenant alone lets cores fall asleep and its model go cold; beside others they may be awake.
    return withLeastEffects(own);
  });
  // Without limits nothing has to come, and nothing that goes is missed.
  const { changes: _, ...lasting } = scenario;
  return { ...lasting, servers, tenants: [{ ...tenant, targets }] };
}

/** The server with the devices that its models use. */
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
function sampled(scenario: Scenario, tenant: Tenant & { load: OpenLoad }, most: number): Scenario {
  const { trace } = tenant.load;
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
