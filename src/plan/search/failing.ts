import type { Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { addTally, isMet, percentilesOf, type Tally } from '../verdict.js';
import type { SlotCheck } from './jobs.js';

/** A slot of a placement with what its whole runs say. */
export interface CheckedSlot extends SlotCheck {
  readonly slot: Slot;
}

/**
 * Slots that keep a placement from meeting its SLOs: those that do not do by themselves, and of
 * tenants with too many late requests on all their devices together, the ones with more than their part.
 */
export function failingSlots(problem: PlanProblem, checked: readonly CheckedSlot[]): Slot[] {
  const percentileOf = percentilesOf(problem);
  const violated = problem.days.map((_, day) => violatedTenants(checked, day, percentileOf));
  const hasTooMany = ({ tallies }: CheckedSlot) =>
    tallies.some((ofDay, day) =>
      ofDay.some(
        (tally) => violated[day]!.has(tally.tenant) && !isMet(tally, percentileOf.get(tally.tenant)!),
      ),
    );
  return checked.filter((one) => !one.holds || hasTooMany(one)).map(({ slot }) => slot);
}

function violatedTenants(
  checked: readonly CheckedSlot[],
  day: number,
  percentileOf: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const sums = new Map<string, Tally>();
  for (const tally of checked.flatMap(({ tallies }) => tallies[day]!)) addTally(sums, tally);
  const violated = [...sums.values()].filter((tally) => !isMet(tally, percentileOf.get(tally.tenant)!));
  return new Set(violated.map(({ tenant }) => tenant));
}
