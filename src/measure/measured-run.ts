import { measuredTenants } from '../metrics/measured-tenant.js';
import type { MeasuredRun } from '../metrics/summarize.js';
import type { Scenario } from '../scenario/scenario.js';

/** What came of a scenario, simulated or live, with what the scenario says of it. */
export function measuredRun(
  { name: scenarioName, seed, warmUpUs, tenants }: Scenario,
  outcome: Omit<MeasuredRun, 'scenarioName' | 'seed' | 'warmUpUs' | 'tenants'>,
): MeasuredRun {
  return { scenarioName, seed, warmUpUs, tenants: measuredTenants(tenants), ...outcome };
}
