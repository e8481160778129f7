import { type CarriedScenario, resourcesOf } from './carried.js';

/** Names of the tenants in each trace, by its file. */
export type TraceTenants = Readonly<Record<string, readonly string[]>>;

/** Tenants of each trace; none where it cannot be read, which the check of the scenario tells. */
export function tenantsOfTraces(traces: CarriedScenario['traces']): TraceTenants {
  const read = resourcesOf({ profiles: {}, serverProfiles: {}, traces }).traces;
  return Object.fromEntries([...read].map(([file, { value }]) => [file, value?.tenants ?? []]));
}
