import type { Summary } from '../metrics/summary.js';
import { computeSlicesOf } from '../scenario/mig.js';
import type { Device, Scenario } from '../scenario/scenario.js';
import { costBreakdown, type PricedServer, type TenantPenalty } from './breakdown.js';
import type { CostBreakdown } from './cost.js';

/** What a run of a scenario costs: its machines' prices, and the penalties of its SLOs. */
export function costOfScenario(scenario: Scenario, summary: Summary): CostBreakdown {
  return costBreakdown(summary, pricedServers(scenario), penaltiesOf(scenario));
}

/**
 * The servers with their machines' prices and their tenants. MIG slices weigh by their compute slices
 * against a whole GPU of their kind; slices of a GPU that no device is made of are paid for by the others.
 */
function pricedServers({ servers, tenants }: Scenario): PricedServer[] {
  return servers.map(({ name, machine, devices }, index) => ({
    server: name,
    kind: machine.kind,
    usdPerHour: machine.usdPerHour,
    source: machine.priceSource,
    deviceWeights: new Map(devices.map((device) => [device.name, deviceWeight(device)])),
    tenants: tenants.flatMap((tenant) =>
      tenant.targets.some(({ server }) => server === index) ? [tenant.name] : [],
    ),
  }));
}

/** Of GPUs whose layout is not known: as all that can be divided, but the A30, have. */
const USUAL_COMPUTE_SLICES = 7;

/** Part of a GPU's price that one of its devices is worth: by compute slices, where it is one of several. */
export function deviceWeight({ kind, sharing }: Pick<Device, 'kind' | 'sharing'>): number {
  return sharing.mode === 'mig' ? sharing.computeSlices / (computeSlicesOf(kind) ?? USUAL_COMPUTE_SLICES) : 1;
}

function penaltiesOf({ tenants }: Scenario): TenantPenalty[] {
  return tenants.flatMap(({ name, slo }) =>
    slo?.penaltyUsdPerHour === undefined ? [] : [{ tenant: name, penaltyUsdPerHour: slo.penaltyUsdPerHour }],
  );
}
