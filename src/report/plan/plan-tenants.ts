import type { PlanCandidate } from '../../plan/candidates.js';
import type { Placement } from '../../plan/placement.js';
import type { PlanProblem } from '../../plan/problem-setting.js';
import { namedSlots } from '../../plan/scenario-of.js';

/** Of the day on which the tenant's margin is smallest. */
export interface ReportedTenant {
  readonly tenant: string;
  readonly model: string;
  readonly percentile: number;
  readonly limitMs: number;
  readonly latencyMs: number;
  readonly attainment: { readonly value: number; readonly low: number; readonly high: number };
  readonly met: boolean;
  /**
   * By how much simulated latencies at about this percentile missed those that its profiles were calibrated on, root mean
   * square, of the worst profile; absent where none says.
   */
  readonly errorPercent?: number;
  /** On some day ever more of its requests wait: an SLO that is met all the same is met because the run ends. */
  readonly fallsBehind?: true;
}

/** Of each tenant with an SLO, the worst day. */
export function reportedTenants(problem: PlanProblem, { placement, days }: PlanCandidate): ReportedTenant[] {
  return problem.spec.tenants.flatMap(({ name, model, slo }, t) => {
    if (slo === undefined) return [];
    const verdicts = days.flatMap((day) => day.verdicts.filter(({ tenant }) => tenant === name));
    // On days that were drawn a tenant may have no request.
    const counted = verdicts.filter(({ summary }) => summary.counts.offered > 0);
    const { percentile, limitMs } = slo;
    if (verdicts.length === 0) return [{ tenant: name, model, percentile, limitMs, ...UNSERVED }];
    const worst = (counted.length > 0 ? counted : verdicts).reduce((a, b) => (b.margin < a.margin ? b : a));
    const { attainment } = worst.summary.slo!;
    const met = verdicts.every((verdict) => verdict.met);
    const errorPercent = calibrationError(problem, placement, t);
    return [
      {
        tenant: name,
        model,
        percentile,
        limitMs,
        latencyMs: worst.latencyMs,
        attainment,
        met,
        ...(errorPercent !== undefined && { errorPercent }),
        ...(verdicts.some(({ summary }) => summary.stability === 'overloaded') && { fallsBehind: true }),
      },
    ];
  });
}

/** Of a tenant whose model is on no device. */
const UNSERVED: Pick<ReportedTenant, 'latencyMs' | 'attainment' | 'met'> = {
  latencyMs: Number.NaN,
  attainment: { value: 0, low: 0, high: 0 },
  met: false,
};

/** Of the latency at about the percentile of the SLO of tenant `t`, with the profiles that serve it. */
function calibrationError(problem: PlanProblem, placement: Placement, t: number): number | undefined {
  const { percentile } = problem.spec.tenants[t]!.slo!;
  const key = percentile > BETWEEN_P95_AND_P99 ? 'p99' : percentile > BETWEEN_P50_AND_P95 ? 'p95' : 'p50';
  const errors = namedSlots(problem, placement).flatMap(({ slot }) =>
    slot.modelReplicas.flatMap(({ workload }) => {
      const { tenants, profiles } = problem.workloads[workload]!;
      const error = profiles[slot.kind]?.fit?.latencyErrorPercent?.[key];
      return tenants.includes(t) && error !== undefined ? [error] : [];
    }),
  );
  return errors.length === 0 ? undefined : Math.max(...errors);
}

const BETWEEN_P95_AND_P99 = 97;
const BETWEEN_P50_AND_P95 = 75;
