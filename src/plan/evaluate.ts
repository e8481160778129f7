import { countBefore } from '../base/count-before.js';
import type { Summary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import { usdPerHourOf } from './goal.js';
import { madeScenario, summarizeScenario } from './made-scenario.js';
import { gpusUsed, type Placement, slotsOf, workloadsOn } from './placement.js';
import type { Day, PlanProblem } from './problem-setting.js';
import { type NamedSlot, namedSlots } from './scenario-of.js';
import { type TenantVerdict, verdictsOf } from './verdict.js';

/** A placement simulated in full: what it costs and what it keeps. */
export interface EvaluatedPlacement {
  readonly placement: Placement;
  readonly usdPerHour: number;
  readonly gpus: number;
  readonly verdicts: readonly TenantVerdict[];
  /** Tenants of the plan, as indices, whose model is on no device, so that none of their requests is answered. */
  readonly unserved: readonly number[];
  readonly summary: Summary;
  /** Share of all requests under SLOs answered within their limit; 1 where there are none. */
  readonly attainment: number;
}

/**
 * Simulates all of a placement on one day, every component with its routing, under a multiple of the
 * day's arrivals.
 */
export function evaluate(
  problem: PlanProblem,
  placement: Placement,
  day: Day,
  loadFactor = 1,
): EvaluatedPlacement {
  const summary = summarizeScenario(placementScenario(problem, placement, day, loadFactor));
  const verdicts = verdictsOf(summary);
  const left = unservedTenants(problem, placement, day);
  const violated = left.filter(({ tenant }) => problem.spec.tenants[tenant]!.slo !== undefined);
  const withSlo = verdicts.filter(({ summary: { slo } }) => slo !== undefined);
  const served = withSlo.reduce((sum, one) => sum + one.summary.counts.offered, 0);
  const offered = violated.reduce((sum, { requests }) => sum + requests * loadFactor, served);
  const inTime = inTimeOfAll(verdicts);
  return {
    placement,
    usdPerHour: usdPerHourOf(problem, placement),
    gpus: gpusUsed(placement),
    verdicts,
    unserved: left.map(({ tenant }) => tenant),
    summary,
    attainment: offered === 0 ? 1 : inTime / offered,
  };
}

/** What a day of a placement keeps and breaks. */
export type DayOutcome = Pick<EvaluatedPlacement, 'verdicts' | 'unserved' | 'attainment'>;

/**
 * Simulates some slots of a placement, which have all replicas of the models that they serve: what {@link evaluate} says of the
 * tenants of these models.
 */
export function verdictsOfPart(
  problem: PlanProblem,
  slots: readonly NamedSlot[],
  day: Day,
): readonly TenantVerdict[] {
  return verdictsOf(summarizeScenario(madeScenario(problem, slots, { traceOf: (t) => day.traces[t]! })));
}

/** A day of the same requests on which these tenants do otherwise. */
export function withVerdicts(day: DayOutcome, changed: readonly TenantVerdict[]): DayOutcome {
  const now = new Map(changed.map((verdict) => [verdict.tenant, verdict]));
  const verdicts = day.verdicts.map((verdict) => now.get(verdict.tenant) ?? verdict);
  const [inTime, inTimeBefore] = [inTimeOfAll(verdicts), inTimeOfAll(day.verdicts)];
  const attainment = inTimeBefore === 0 ? day.attainment : (day.attainment * inTime) / inTimeBefore;
  return { verdicts, unserved: day.unserved, attainment };
}

/** Requests of tenants with an SLO that are answered within its limit. */
function inTimeOfAll(verdicts: readonly TenantVerdict[]): number {
  return verdicts.reduce((sum, { summary: { slo, counts } }) => {
    const { value } = slo?.attainment ?? { value: 0 };
    return sum + (Number.isNaN(value) ? 1 : value) * counts.offered;
  }, 0);
}

/** The share of all requests answered within their limit, where none of these tenants gets an answer in time. */
export function attainmentWithout(
  { attainment, verdicts }: EvaluatedPlacement,
  tenants: readonly string[],
): number {
  const inTime = inTimeOfAll(verdicts);
  const lost = inTimeOfAll(verdicts.filter(({ tenant }) => tenants.includes(tenant)));
  return inTime === 0 ? attainment : attainment * (1 - lost / inTime);
}

/** Tenants with requests that count, and as many of them, whose model is nowhere. */
function unservedTenants(
  { workloads, warmUpS }: PlanProblem,
  placement: Placement,
  { traces }: Day,
): { readonly tenant: number; readonly requests: number }[] {
  const placed = workloadsOn(slotsOf(placement));
  return workloads
    .flatMap(({ tenants }, workload) => (placed.has(workload) ? [] : tenants))
    .map((tenant) => {
      const { arrivalUs } = traces[tenant]!;
      return { tenant, requests: arrivalUs.length - countBefore(arrivalUs, warmUpS * 1e6) };
    })
    .filter(({ requests }) => requests > 0);
}

/** The scenario of a placement on one day, ready to be simulated. */
export function placementScenario(
  problem: PlanProblem,
  placement: Placement,
  day: Day,
  loadFactor = 1,
): Scenario {
  return madeScenario(problem, namedSlots(problem, placement), {
    traceOf: (t) => day.traces[t]!,
    loadFactor,
  });
}

/** Tenants whose SLO is violated on some day, each once. */
export function violatedOn(days: readonly Pick<DayOutcome, 'verdicts'>[]): string[] {
  const violated = days.flatMap(({ verdicts }) => verdicts.filter(({ met }) => !met));
  return [...new Set(violated.map(({ tenant }) => tenant))];
}

export function meetsAll({ verdicts, unserved }: Pick<DayOutcome, 'verdicts' | 'unserved'>): boolean {
  return unserved.length === 0 && verdicts.every(({ met }) => met);
}
