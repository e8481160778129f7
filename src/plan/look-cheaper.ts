import { type EvaluatedPlacement, keepsAll } from './evaluate.js';
import { machineSets, withoutIdle } from './exact.js';
import type { JobDesk } from './job-desk.js';
import type { JudgedLosses } from './losses.js';
import { machineCost } from './master.js';
import type { Placement } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import type { Search } from './search-setting.js';

/** The placement that a search settles on, on each day. */
export interface Choice {
  /** None where nothing was found. */
  readonly days: readonly EvaluatedPlacement[];
  /** What becomes of it after losses, where one is to be survived. */
  readonly afterLosses?: JudgedLosses;
  /** Every cheaper placement has been looked at. */
  readonly isExhaustive?: boolean;
}

/** Sets of machines of which each is looked at. */
const MOST_SETS = 2000;

/** Every placement whose goal lies between `from` and that of the choice, as long as there is time. */
export function* lookCheaper(
  problem: PlanProblem,
  desk: JobDesk,
  choice: Choice,
  goals: { readonly from: number; readonly below: number },
): Search<Choice> {
  // Replicas that take over after a loss make more than what is simulated here.
  if (problem.spec.survive !== 'nothing') return choice;
  const below = Math.min(goals.below, mostGoal(problem));
  const sets = machineSets(problem, { from: goals.from, below, most: MOST_SETS });
  for (const machines of sets ?? []) {
    if (desk.isOver) return choice;
    const mostSimulations = desk.simulationsLeft;
    const [answer] = yield* desk.ask('exact', [{ type: 'exact', machines, mostSimulations }]);
    if (answer?.placement !== undefined) {
      const days = yield* evaluateDays(problem, desk, withoutIdle(answer.placement));
      return days.every(keepsAll) ? { days, isExhaustive: true } : choice;
    }
    if (answer?.isComplete !== true) return choice;
  }
  return { ...choice, isExhaustive: sets !== undefined };
}

/** Of all machines that may be used, a little more, so that using all of them is below it. */
function mostGoal(problem: PlanProblem): number {
  return problem.machines.reduce((sum, { limit }, kind) => sum + limit * machineCost(problem, kind), 1);
}

/** A placement simulated in full on every day. */
export function evaluateDays(
  problem: PlanProblem,
  desk: JobDesk,
  placement: Placement,
): Search<EvaluatedPlacement[]> {
  return desk.ask(
    'evaluate',
    problem.days.map((_, day) => ({ type: 'evaluate', placement, day })),
  );
}
