import { simulateColumns } from '../measure/simulate-columns.js';
import type { TenantColumns } from '../metrics/figures/columns.js';
import { limitUsOf } from '../metrics/same-latency.js';
import { streamLimits } from '../metrics/stream-limits.js';
import { type Summary, type TenantSummary, targetShare } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { partition } from '../simulator/partition.js';
import { Outcome } from '../trace/request-log.js';
import type { PlanProblem } from './problem-setting.js';

/** What a simulation says of a tenant's SLO. */
export interface TenantVerdict {
  readonly tenant: string;
  readonly met: boolean;
  /** Share of the requests within the limit less the share that the SLO asks for; negative = violated. Without an SLO 0. */
  readonly margin: number;
  /** Latency at the percentile of the SLO; NaN without an SLO. */
  readonly latencyMs: number;
  readonly summary: TenantSummary;
}

export function verdictsOf(summary: Summary): readonly TenantVerdict[] {
  return summary.tenants.map((tenant) => {
    const { slo, counts } = tenant;
    const unanswered = { settled: counts.offered, late: counts.offered - counts.completed };
    const keepsUp =
      tenant.stability !== 'overloaded' && isMet(unanswered, percentileWithoutSlo(summary.measuredS));
    const row = tenant.latencyMs.percentiles.find(({ percentile }) => percentile === slo?.percentile);
    const attained = slo?.attainment.value ?? Number.NaN;
    const margin = slo === undefined || Number.isNaN(attained) ? 0 : attained - targetShare(slo);
    return {
      tenant: tenant.tenant,
      // Where no request was counted no SLO was violated.
      met: slo === undefined ? keepsUp : slo.met !== false,
      margin,
      latencyMs: row?.ms.value ?? Number.NaN,
      summary: tenant,
    };
  });
}

/** Requests of a tenant that count, and those of them that were late. */
export interface Tally {
  readonly tenant: string;
  readonly settled: number;
  readonly late: number;
}

/** Adds what one device says of a tenant to what others did. */
export function addTally(sums: Map<string, Tally>, { tenant, settled, late }: Tally): void {
  const sum = sums.get(tenant) ?? { tenant, settled: 0, late: 0 };
  sums.set(tenant, { tenant, settled: sum.settled + settled, late: sum.late + late });
}

/** A share such as 0.99 is no exact number. */
const ROUNDING = 1e-6;

/** Without an SLO, not more than a hundredth of the requests may be unanswered at the end … */
const PERCENTILE_WITHOUT_SLO = 99;
/** … besides those of the last second, or tenth of a short run: they may be under way. */
const UNDER_WAY_S = 1;
const UNDER_WAY_SHARE = 0.1;

/** Percent of the requests counted that must be answered by the end where there is no SLO. */
export function percentileWithoutSlo(countedS: number): number {
  return PERCENTILE_WITHOUT_SLO - 100 * Math.min(UNDER_WAY_SHARE, UNDER_WAY_S / countedS);
}

/** Percent of each tenant's requests that must be in time, or answered where there is no SLO. */
export function percentilesOf({
  spec,
  warmUpS,
}: Pick<PlanProblem, 'spec' | 'warmUpS'>): ReadonlyMap<string, number> {
  const withoutSlo = percentileWithoutSlo(spec.durationS - warmUpS);
  return new Map(spec.tenants.map(({ name, slo }) => [name, slo?.percentile ?? withoutSlo]));
}

/** Whether few enough are late. `allowance`: the part of the late requests allowed that may be used up. */
export function isMet(
  { settled, late }: Pick<Tally, 'settled' | 'late'>,
  percentile: number,
  allowance = 1,
): boolean {
  return late <= allowance * (1 - percentile / 100) * settled + ROUNDING;
}

/**
 * Simulates and says whether every tenant's SLO is met: the same answer as that of
 * {@link verdictsOf}, without the figures that take time; without an SLO a queue that grows slowly is
 * only found there.
 */
export function meetsSlos(scenario: Scenario, allowance = 1): boolean {
  const withoutSlo = percentileWithoutSlo((scenario.durationUs - scenario.warmUpUs) / 1e6);
  const percentiles = new Map(scenario.tenants.map(({ name, slo }) => [name, slo?.percentile]));
  return tallySlos(scenario).every((tally) =>
    isMet(tally, percentiles.get(tally.tenant) ?? withoutSlo, allowance),
  );
}

/** Simulates, and counts for every tenant the requests that were late. */
export function tallySlos(scenario: Scenario): Tally[] {
  return partition(scenario).flatMap((component) => {
    const { tenants } = simulateColumns(scenario, component);
    return component.tenants.map((tenant, i) => tallyTenant(scenario, tenant, tenants[i]!));
  });
}

/** Counted are requests planned after the warm-up, less those still open that may yet make it. */
function tallyTenant(
  { tenants, warmUpUs, durationUs }: Scenario,
  tenant: number,
  { plannedUs, endedUs, outcome, responses }: TenantColumns,
): Tally {
  const { name, slo } = tenants[tenant]!;
  const limitUs = limitUsOf(slo?.limitMs ?? Number.NaN);
  const keepsLimits = slo && streamLimits(slo, responses);
  let settled = 0;
  let late = 0;
  for (let row = 0; row < plannedUs.length; row++) {
    const planned = plannedUs[row]!;
    if (planned < warmUpUs || planned > durationUs) continue;
    if (outcome[row] === Outcome.unfinished && planned + limitUs > durationUs) continue;
    settled++;
    const ended = endedUs[row]!;
    const isLate = outcome[row] !== Outcome.completed || ended - planned > limitUs;
    if (isLate || keepsLimits?.(planned, ended, row) === false) late++;
  }
  return { tenant: name, settled, late };
}
