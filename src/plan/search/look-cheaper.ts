import { machineCost } from '../goal.js';
import type { PlanProblem } from '../problem-setting.js';
import { withoutIdle } from './exact.js';
import type { FeasibilityCheck } from './feasibility-check.js';
import { machineSets } from './machine-sets.js';
import type { Choice, Search } from './search-setting.js';

/** Placements that are looked at: those whose goal lies between the two values. */
interface LookedAt {
  readonly from: number;
  readonly below: number;
}

/** Sets of machines of which each is looked at. */
const MOST_SETS = 2000;
/** Sets that are given up before they were looked at to their end, after which no further one is tried. */
const MOST_GIVEN_UP = 12;
/** Part of what is left of the budget that one set may take. */
const SHARE = 0.5;

/**
 * Every placement that is cheaper than the choice and no cheaper than the bound, on the cheapest machines first, as long
 * as there is time. Machines on which there are too many placements are given up for the next dearer ones.
 */
export function* lookCheaper(
  feasibility: FeasibilityCheck,
  choice: Choice,
  { from, ...looked }: LookedAt,
): Search<Choice> {
  const { problem, dispatcher } = feasibility;
  const below = Math.min(looked.below, mostGoal(problem));
  const sets = machineSets(problem, { from, below, most: MOST_SETS });
  let givenUp = 0;
  let left: { readonly nothingBelow?: number } = {};
  for (const { counts: machines, goal } of sets ?? []) {
    const unlessLeft = givenUp > 0 ? left : { nothingBelow: goal };
    if (dispatcher.isOver || givenUp === MOST_GIVEN_UP) return { ...choice, ...unlessLeft };
    const limits = { share: SHARE, mostSimulations: Math.ceil(SHARE * dispatcher.simulationsLeft) };
    const [answer] = yield* dispatcher.ask('exact', [{ type: 'exact', machines, ...limits }]);
    if (answer?.placement !== undefined) {
      const { days, afterFailures } = yield* feasibility.whole(withoutIdle(answer.placement));
      if (afterFailures?.failing.length === 0)
        return { days, afterFailures, isExhaustive: givenUp === 0, ...left };
    }
    if (answer?.placement !== undefined || answer?.isComplete !== true) {
      givenUp++;
      left = unlessLeft;
    }
  }
  return { ...choice, isExhaustive: sets !== undefined && givenUp === 0, ...left };
}

/** Of all machines that may be used, a little more, so that using all of them is below it. */
function mostGoal(problem: PlanProblem): number {
  return problem.machines.reduce((sum, { limit }, kind) => sum + limit * machineCost(problem, kind), 1);
}
