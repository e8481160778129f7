import type { Summary, TenantSummary } from './summary.js';

/** What tells replications apart: the same place in every list is the run under the same seed. NaN where a run has no such figure. */
export interface ReplicationFigures {
  readonly seeds: readonly string[];
  readonly tenants: readonly TenantReplications[];
}

export interface TenantReplications {
  readonly tenant: string;
  readonly throughputPerS: readonly number[];
  readonly meanMs: readonly number[];
  /** Those of the summary. */
  readonly percentiles: readonly { readonly percentile: number; readonly ms: readonly number[] }[];
  /** Share of requests within the SLO's limit, where the tenant has an SLO. */
  readonly attainment?: readonly number[];
}

/** The figures that replications are compared by, from summaries of the same tenants. */
export function replicationFigures(summaries: readonly Summary[]): ReplicationFigures {
  return {
    seeds: summaries.map(({ seed }) => seed),
    tenants: summaries[0]!.tenants.map((_, i) => tenantFigures(summaries.map(({ tenants }) => tenants[i]!))),
  };
}

function tenantFigures(runs: readonly TenantSummary[]): TenantReplications {
  const [first] = runs;
  return {
    tenant: first!.tenant,
    throughputPerS: runs.map(({ throughputPerS }) => throughputPerS.value),
    meanMs: runs.map(({ latencyMs }) => latencyMs.mean.value),
    percentiles: first!.latencyMs.percentiles.map(({ percentile }, i) => ({
      percentile,
      ms: runs.map(({ latencyMs }) => latencyMs.percentiles[i]!.ms.value),
    })),
    ...(first!.slo !== undefined && {
      attainment: runs.map(({ slo }) => slo?.attainment.value ?? Number.NaN),
    }),
  };
}
