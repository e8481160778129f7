import type { Summary } from '../metrics/summary.js';
import { usdPerHourOf } from './master.js';
import { gpusUsed, type Placement } from './placement.js';
import type { Day, PlanProblem } from './problem-setting.js';
import { scenarioOf } from './scenario-of.js';
import { resolveScenario, summarizeScenario, type TenantVerdict, verdictsOf } from './slot-oracle.js';

/** A placement simulated in full: what it costs and what it keeps. */
export interface EvaluatedPlacement {
  readonly placement: Placement;
  readonly usdPerHour: number;
  readonly gpus: number;
  readonly verdicts: readonly TenantVerdict[];
  readonly summary: Summary;
  /** Tenants with an SLO whose promise is kept, as a share of them; 1 where there are none. */
  readonly keptShare: number;
  /** Share of all requests answered within their limit. */
  readonly attainment: number;
}

/** Simulates all of a placement on one day, every component with its routing. */
export function evaluate(problem: PlanProblem, placement: Placement, day: Day): EvaluatedPlacement {
  const plain = scenarioOf(problem, placement, {
    name: problem.spec.name,
    profiles: ['profiles'],
    load: (_, t) => ({ trace: { file: `${t}`, fromS: 0, scaleTime: 1, scaleRate: 1 } }),
  });
  const profiles = problem.demands.flatMap((demand) => demand.profiles.filter((one) => one !== undefined));
  const traces = new Map(day.traces.map((trace, t) => [`${t}`, { value: trace }]));
  const summary = summarizeScenario(resolveScenario(plain, profiles, traces));
  const verdicts = verdictsOf(summary);
  const promised = verdicts.filter(({ summary: { slo } }) => slo !== undefined);
  const offered = promised.reduce((sum, one) => sum + one.summary.counts.offered, 0);
  const inTime = promised.reduce((sum, { summary: tenant }) => {
    const { value } = tenant.slo!.attainment;
    return sum + (Number.isNaN(value) ? 1 : value) * tenant.counts.offered;
  }, 0);
  return {
    placement,
    usdPerHour: usdPerHourOf(problem, placement),
    gpus: gpusUsed(placement),
    verdicts,
    summary,
    keptShare: promised.length === 0 ? 1 : promised.filter(({ kept }) => kept).length / promised.length,
    attainment: offered === 0 ? 1 : inTime / offered,
  };
}

export function keepsAll({ verdicts }: EvaluatedPlacement): boolean {
  return verdicts.every(({ kept }) => kept);
}
