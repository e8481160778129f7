import type { Summary } from '../metrics/summary.js';
import type { Scenario, Server } from '../scenario/scenario.js';
import { costBreakdown, type PricedServer, type TenantPenalty } from './breakdown.js';
import type { CostBreakdown } from './cost.js';

/** What a run of a scenario costs: its machines' prices, and the penalties of its SLOs. */
export function costOfScenario(scenario: Scenario, summary: Summary): CostBreakdown {
  return costBreakdown(summary, scenario.servers.map(pricedServer), penaltiesOf(scenario));
}

/**
 * A server with its machine's price. MIG slices weigh by their compute slices against a whole GPU of
 * seven; slices of a GPU that no device is made of are paid for by the others.
 */
export function pricedServer({ name, machine, devices }: Server): PricedServer {
  const weights = devices.map(({ name: device, sharing }) => {
    const weight = sharing.mode === 'mig' ? sharing.computeSlices / COMPUTE_SLICES_PER_GPU : 1;
    return [device, weight] as const;
  });
  return {
    server: name,
    kind: machine.kind,
    usdPerHour: machine.usdPerHour,
    source: machine.priceSource,
    deviceWeights: new Map(weights),
  };
}

/** NVIDIA MIG user guide: a GPU has seven compute slices. */
const COMPUTE_SLICES_PER_GPU = 7;

function penaltiesOf({ tenants }: Scenario): TenantPenalty[] {
  return tenants.flatMap(({ name, slo }) =>
    slo?.penaltyUsdPerHour === undefined ? [] : [{ tenant: name, penaltyUsdPerHour: slo.penaltyUsdPerHour }],
  );
}
