import type { Load, Slo, Tenant } from '../scenario/scenario.js';

/** What metrics must know about a tenant beyond its requests. */
export interface MeasuredTenant {
  readonly name: string;
  readonly slo?: Omit<Slo, 'penaltyUsdPerHour'>;
  /** Where its latency begins: when a request was planned (default), or when it left the client. */
  readonly latencyFrom?: 'planned' | 'sent';
  /** Absent where its requests belong to none. */
  readonly sequences?: MeasuredSequences;
}

/** Of each request of a tenant, in the order in which they were planned, its sequence, 0 = none, and what it does in it, as in a trace. */
export interface MeasuredSequences {
  readonly ids: Float64Array;
  readonly flags: Uint16Array;
}

export function measuredTenants(tenants: readonly Tenant[]): MeasuredTenant[] {
  return tenants.map(({ name, slo, load }) => ({
    name,
    ...(slo !== undefined && { slo }),
    ...(load.mode === 'capped' && { latencyFrom: load.latencyFrom }),
    ...sequencesOf(load),
  }));
}

function sequencesOf(load: Load): Pick<MeasuredTenant, 'sequences'> {
  if (load.mode === 'closed') return {};
  const { sequenceId: ids, sequenceFlags: flags } = load.trace;
  return ids === undefined || flags === undefined ? {} : { sequences: { ids, flags } };
}
