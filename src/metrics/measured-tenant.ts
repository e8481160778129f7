import type { Slo, Tenant } from '../scenario/scenario.js';

/** What metrics must know about a tenant beyond its requests. */
export interface MeasuredTenant {
  readonly name: string;
  readonly slo?: Omit<Slo, 'penaltyUsdPerHour'>;
  /** Where its latency begins: when a request was planned (default), or when it left the client. */
  readonly latencyFrom?: 'planned' | 'sent';
}

export function measuredTenants(tenants: readonly Tenant[]): MeasuredTenant[] {
  return tenants.map(({ name, slo, load }) => ({
    name,
    ...(slo !== undefined && { slo }),
    ...(load.mode === 'capped' && { latencyFrom: load.latencyFrom }),
  }));
}
