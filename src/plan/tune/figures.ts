import { costOfScenario } from '../../cost/scenario-cost.js';
import { measuredRun } from '../../measure/measured-run.js';
import { summarize } from '../../metrics/summarize.js';
import { percentileOf, type Stability, type TenantSummary, targetShare } from '../../metrics/summary.js';
import type { Scenario } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { sliceTrace } from '../../trace/transform.js';

/** What one simulated run of a candidate gave: the little that its rank needs. */
export interface CandidateFigures {
  readonly tenants: readonly CandidateTenantFigures[];
  readonly usdPerHour: number;
  readonly penaltyUsdPerHour: number;
}

export interface CandidateTenantFigures {
  readonly tenant: string;
  readonly completed: number;
  readonly inferencesPerS: number;
  readonly goodputPerS: number;
  readonly meanMs: number;
  /** At the SLO's percentile, or the 99th without an SLO; NaN when nothing completed. */
  readonly tailMs: number;
  /** Share of requests within the SLO's limit, and the share that the SLO asks for; absent without an SLO. */
  readonly attainment?: number;
  readonly targetShare?: number;
  readonly stability: Stability;
}

/** Simulates a scenario once. Same scenario, same figures. */
export function measure(scenario: Scenario): CandidateFigures {
  return runFigures(scenario, simulate(scenario));
}

export function runFigures(scenario: Scenario, run: Parameters<typeof measuredRun>[1]): CandidateFigures {
  const summary = summarize(measuredRun(scenario, run));
  const { usdPerHour, penaltyUsdPerHour } = costOfScenario(scenario, summary);
  return { tenants: summary.tenants.map(figuresOf), usdPerHour, penaltyUsdPerHour };
}

function figuresOf(summary: TenantSummary): CandidateTenantFigures {
  const { slo } = summary;
  return {
    tenant: summary.tenant,
    completed: summary.counts.completed,
    inferencesPerS: summary.inferencesPerS.value,
    goodputPerS: summary.goodputPerS.value,
    meanMs: summary.latencyMs.mean.value,
    tailMs: percentileOf(summary, slo?.percentile ?? 99)?.value ?? Number.NaN,
    ...(slo && { attainment: slo.attainment.value, targetShare: targetShare(slo) }),
    stability: summary.stability,
  };
}

/**
 * The first part of a run: its warm-up and `share` (0..1) of what is counted after it. Traces are cut,
 * so that nothing is simulated that is not counted.
 */
export function shortened(scenario: Scenario, share: number): Scenario {
  if (share >= 1) return scenario;
  const { warmUpUs } = scenario;
  const durationUs = Math.max(1, Math.round(warmUpUs + share * (scenario.durationUs - warmUpUs)));
  const tenants = scenario.tenants.map((tenant) => {
    const { load } = tenant;
    if (load.mode === 'closed' || load.trace.durationUs <= durationUs) return tenant;
    return { ...tenant, load: { ...load, trace: sliceTrace(load.trace, { toUs: durationUs }) } };
  });
  return { ...scenario, durationUs, tenants };
}
