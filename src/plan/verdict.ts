import type { Summary, TenantSummary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { partition } from '../simulator/partition.js';
import type { TenantColumns } from '../sweep/measure/columns.js';
import { simulateColumns } from '../sweep/measure/simulate-columns.js';
import { Outcome } from '../trace/request-log.js';

/** What a simulation says of a tenant's promise. */
export interface TenantVerdict {
  readonly tenant: string;
  readonly kept: boolean;
  /** Share of the requests within the limit less the share promised; negative = broken. Without an SLO 0. */
  readonly margin: number;
  /** Latency at the promised percentile; NaN without an SLO. */
  readonly latencyMs: number;
  readonly summary: TenantSummary;
}

export function verdictsOf(summary: Summary): readonly TenantVerdict[] {
  return summary.tenants.map((tenant) => {
    const { slo } = tenant;
    const isStable = tenant.stability !== 'overloaded';
    const row = tenant.latencyMs.percentiles.find(({ percentile }) => percentile === slo?.percentile);
    const attained = slo?.attainment.value ?? Number.NaN;
    const margin = slo === undefined || Number.isNaN(attained) ? 0 : attained - slo.percentile / 100;
    return {
      tenant: tenant.tenant,
      kept: slo === undefined ? isStable : slo.met,
      margin,
      latencyMs: row?.ms.value ?? Number.NaN,
      summary: tenant,
    };
  });
}

/** A share such as 0.99 is no exact number. */
const ROUNDING = 1e-6;

/** Without an SLO, not more than a hundredth of the requests may be left at the end. */
const UNPROMISED_PERCENTILE = 99;

/**
 * Simulates and says whether every tenant's promise is kept: the same answer as that of
 * {@link verdictsOf} for tenants with an SLO, without the figures that take time.
 */
export function keepsPromises(scenario: Scenario): boolean {
  return partition(scenario).every((component) => {
    const { tenants } = simulateColumns(scenario, component);
    return component.tenants.every((tenant, i) => keepsPromise(scenario, tenant, tenants[i]!));
  });
}

/** Counted are requests planned after the warm-up, less those still open that may yet make it. */
function keepsPromise(
  { tenants, warmUpUs, durationUs }: Scenario,
  tenant: number,
  { plannedUs, endedUs, outcome }: TenantColumns,
): boolean {
  const { slo } = tenants[tenant]!;
  const limitUs = (slo?.limitMs ?? Number.NaN) * 1000;
  let settled = 0;
  let late = 0;
  for (let row = 0; row < plannedUs.length; row++) {
    const planned = plannedUs[row]!;
    if (planned < warmUpUs || planned > durationUs) continue;
    if (outcome[row] === Outcome.unfinished && planned + limitUs > durationUs) continue;
    settled++;
    if (outcome[row] !== Outcome.completed || endedUs[row]! - planned > limitUs) late++;
  }
  const percentile = slo?.percentile ?? UNPROMISED_PERCENTILE;
  return late <= (1 - percentile / 100) * settled + ROUNDING;
}
