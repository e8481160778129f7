import { inParts } from '../../base/in-parts.js';
import type { Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { addTally, isMet, percentilesOf, type Tally } from '../verdict.js';
import type { JobDispatcher } from './job-dispatcher.js';
import type { SlotCheck } from './jobs.js';
import type { Search } from './search-setting.js';
import { placedSlotKey, placedSlots } from './slot-feasibility.js';

/** Slots that are simulated in one job. */
const CHECKED_AT_ONCE = 8;

/** Checks placements slot by slot, and remembers what it has had simulated. */
export class SlotChecks {
  readonly #problem: PlanProblem;
  readonly #dispatcher: JobDispatcher;
  /** By key of a placed slot. */
  readonly #known = new Map<string, SlotCheck>();

  constructor(problem: PlanProblem, dispatcher: JobDispatcher) {
    this.#problem = problem;
    this.#dispatcher = dispatcher;
  }

  /**
   * Slots that are in the way: those that do not do by themselves, and of tenants with too many late
   * requests on all their devices together, the ones that have more than their part of them.
   */
  *failing(placement: Placement): Search<Slot[]> {
    const placed = placedSlots(placement).map((one) => ({ ...one, key: placedSlotKey(one) }));
    const unknown = placed.filter(({ key }) => !this.#known.has(key));
    const parts = inParts(unknown, CHECKED_AT_ONCE);
    const answers = yield* this.#dispatcher.ask(
      'check',
      parts.map((slots) => ({ type: 'check', slots })),
    );
    for (const [i, check] of answers.flat().entries()) this.#known.set(unknown[i]!.key, check);
    const checks = placed.map(({ slot, key }) => ({ slot, ...this.#known.get(key)! }));
    return failingSlots(this.#problem, checks);
  }
}

/** A slot of a placement with what its whole runs say. */
interface CheckedSlot extends SlotCheck {
  readonly slot: Slot;
}

/**
 * Slots that keep a placement from meeting its SLOs: those that do not do by themselves, and of
 * tenants with too many late requests on all their devices together, the ones with more than their part.
 */
function failingSlots(problem: PlanProblem, checked: readonly CheckedSlot[]): Slot[] {
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
