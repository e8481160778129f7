import { percentileOf } from '../metrics/summary.js';
import type { ModelProfile } from '../profile/profile.js';
import type { Scenario, Server, Tenant } from '../scenario/scenario.js';
import { shortestWay } from '../scenario/way.js';
import { withUnlimitedDevices } from '../scenario/what-if.js';
import { simulate } from '../simulator/simulate.js';
import { summarizeRun } from './build-report.js';
import type { TenantBound } from './run-report.js';

/**
 * What no placement of the same models on the same kinds of device can beat: each tenant alone with
 * devices and hosts without limit, where requests wait for the batcher but never for an instance.
 */
export function latencyBounds(scenario: Scenario): TenantBound[] {
  return scenario.tenants.flatMap((tenant) => unlimitedBound(scenario, tenant) ?? []);
}

function unlimitedBound(scenario: Scenario, tenant: Tenant): TenantBound | undefined {
  if (tenant.load.mode !== 'open') return undefined;
  const alone = { ...scenario, tenants: [tenant], servers: scenario.servers.map(everAwake) };
  const unlimited = withUnlimitedDevices(alone, tenant.name);
  if (unlimited === undefined) return undefined;
  const summary = summarizeRun({ scenario: unlimited, result: simulate(unlimited) }).tenants[0]!;
  const at = (percentile: number) => percentileOf(summary, percentile)?.value ?? Number.NaN;
  return { tenant: tenant.name, bound: 'unlimited devices', p50Ms: at(50), p99Ms: at(99) };
}

/** A tenant alone lets cores fall asleep and its model go cold; whatever keeps them awake, ways and executions take no less than this. */
function everAwake(server: Server): Server {
  const models = server.models.map((model) => ({
    ...model,
    ...(model.way !== undefined && { way: shortestWay(model.way) }),
    instances: model.instances.map(({ device, profile }) => ({ device, profile: everWarm(profile) })),
  }));
  return { ...server, models };
}

/** Executions that take no longer after a pause, nor where the server gets few requests. */
function everWarm(profile: ModelProfile): ModelProfile {
  const { afterIdle: _a, cooling: _c, warmth: _w, serving, ...warm } = profile;
  if (serving === undefined) return warm;
  const { phasesByRate: _r, ...awake } = serving;
  return { ...warm, serving: awake };
}
