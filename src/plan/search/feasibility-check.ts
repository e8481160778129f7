import { inParts } from '../../base/in-parts.js';
import { variesByChance } from '../bound/chance.js';
import { type EvaluatedPlacement, meetsAll, violatedOn } from '../evaluate.js';
import { fitsMemory } from '../memory.js';
import type { Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { addTally, isMet, percentilesOf, type Tally } from '../verdict.js';
import { type CheckedFailures, failuresOf, simulateFailures, slotsOfTenants } from './failure-scenarios.js';
import type { JobDispatcher } from './job-dispatcher.js';
import type { SlotCheck } from './jobs.js';
import { type Choice, FEW_MODELS, type Search } from './search-setting.js';
import { placedSlotKey, placedSlots } from './slot-feasibility.js';

/** Slots that are simulated in one job. */
const CHECKED_AT_ONCE = 8;

/** Says whether placements meet every SLO, and which of their slots are in the way; remembers what it has had simulated of slots. */
export class FeasibilityCheck {
  readonly dispatcher: JobDispatcher;
  readonly problem: PlanProblem;
  /** By key of a placed slot. */
  readonly #known = new Map<string, SlotCheck>();

  constructor(dispatcher: JobDispatcher) {
    this.dispatcher = dispatcher;
    this.problem = dispatcher.problem;
  }

  /** The placement on every day and after every failure, or the slots that are in the way of its SLOs there. */
  *placement(placement: Placement): Search<Choice & { readonly failing: readonly Slot[] }> {
    const failing = yield* this.failing(placement);
    if (failing.length > 0 && !this.#mayDoAllTheSame(failing)) return { days: [], failing };
    const whole = yield* this.whole(placement);
    return whole.afterFailures === undefined && failing.length > 0 ? { ...whole, failing } : whole;
  }

  /** The same whatever slots do by themselves; `afterFailures` is there where every SLO is met on every day. */
  *whole(placement: Placement): Search<Choice & { readonly failing: readonly Slot[] }> {
    const days = yield* this.dispatcher.evaluateDays(placement);
    if (!days.every(meetsAll))
      return { days, failing: slotsOfTenants(this.problem, placement, violatedOn(days)) };
    const afterFailures = yield* this.failures(days);
    return { days, afterFailures, failing: afterFailures.failing };
  }

  /**
   * Slots that are in the way: those that do not do by themselves, and of tenants with too many late
   * requests on all their devices together, the ones that have more than their part of them.
   */
  *failing(placement: Placement): Search<Slot[]> {
    const placed = placedSlots(placement).map((one) => ({ ...one, key: placedSlotKey(one) }));
    const unknown = placed.filter(({ key }) => !this.#known.has(key));
    const answers = yield* this.dispatcher.ask(
      'check',
      inParts(unknown, CHECKED_AT_ONCE).map((slots) => ({ type: 'check', slots })),
    );
    for (const [i, check] of answers.flat().entries()) this.#known.set(unknown[i]!.key, check);
    const checks = placed.map(({ slot, key }) => ({ slot, ...this.#known.get(key)! }));
    const percentileOf = percentilesOf(this.problem);
    const violated = this.problem.days.map((_, day) => violatedTenants(checks, day, percentileOf));
    const hasTooMany = ({ tallies }: SlotCheck) =>
      tallies.some((ofDay, day) =>
        ofDay.some(
          (tally) => violated[day]!.has(tally.tenant) && !isMet(tally, percentileOf.get(tally.tenant)!),
        ),
      );
    return checks.filter((one) => !one.holds || hasTooMany(one)).map(({ slot }) => slot);
  }

  /** Slots by themselves draw other random numbers than in the whole, which decides where it is soon simulated. */
  #mayDoAllTheSame(failing: readonly Slot[]): boolean {
    const { workloads, spec } = this.problem;
    if (workloads.length > FEW_MODELS || spec.survive !== 'nothing') return false;
    const isByChance = ({ kind, modelReplicas }: Slot) =>
      modelReplicas.some(({ workload }) => variesByChance(workloads[workload]!.profiles[kind]!));
    return failing.every((slot) => fitsMemory(this.problem, slot) && isByChance(slot));
  }

  /** @param days a placement simulated in full */
  *failures(days: readonly EvaluatedPlacement[]): Search<CheckedFailures> {
    const { placement } = days[0]!;
    const possible = failuresOf(this.problem, placement);
    const failures = yield* simulateFailures(this.dispatcher, possible, days);
    const violated = failures.flatMap((failure) => failure.violated);
    const failing = slotsOfTenants(this.problem, placement, violated);
    return { failures, failureCount: possible.length, failing };
  }
}

/** With too many late requests on all their devices together. */
function violatedTenants(
  checks: readonly SlotCheck[],
  day: number,
  percentileOf: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const sums = new Map<string, Tally>();
  for (const tally of checks.flatMap(({ tallies }) => tallies[day]!)) addTally(sums, tally);
  const violated = [...sums.values()].filter((tally) => !isMet(tally, percentileOf.get(tally.tenant)!));
  return new Set(violated.map(({ tenant }) => tenant));
}
