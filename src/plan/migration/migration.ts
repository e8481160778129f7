import { meetsAll, violatedOn } from '../evaluate.js';
import { goalOf, LEAST_GAIN } from '../goal.js';
import { placementOf } from '../master.js';
import { countOn, type Placement, type Slot, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import { type CheckedPlacement, failuresOf, simulateFailures } from '../search/failure-scenarios.js';
import type { FeasibilityCheck } from '../search/feasibility-check.js';
import { isOverLimit } from '../search/infeasible.js';
import type { Search } from '../search/search-setting.js';
import { cheaperSteps } from './cheaper-steps.js';
import { type Moves, movesBetween } from './moves.js';
import { withUnserved } from './unserved.js';

/** A placement that can be reached from the current one. */
export interface MigrationStep extends CheckedPlacement, Moves {
  /** Part of what the best placement improves the goal by; NaN where that is nothing. */
  readonly gainShare: number;
}

export interface Migration {
  readonly current: MigrationStep;
  /**
   * Every SLO is met, on every day and after every failure; fewest moves first, and what needs more is cheaper. None
   * where the current placement does that and nothing cheaper was found.
   */
  readonly steps: readonly MigrationStep[];
  /** The first step with most of the gain; absent where there is none. */
  readonly recommended?: number;
}

const MOST_OF_GAIN = 0.8;
const MOST_STEPS = 12;
/** Placements near one that are looked at until one meets every SLO. */
const MOST_TRIED = 24;

/**
 * Ways from the current placement: first what it takes to meet every SLO, then one machine after the other that is
 * given up or exchanged for a cheaper one, each time by as few moves as do, as long as every SLO is met when simulated
 * in full, and at last the best placement. Cheaper is what the plan's goal says.
 */
export function* migrate(
  feasibility: FeasibilityCheck,
  best: CheckedPlacement,
): Search<Migration | undefined> {
  const { problem } = feasibility;
  const { current } = problem;
  if (current === undefined) return undefined;
  // Where the answer is to stay, that was simulated to say so.
  const now = best.placement === current ? best : yield* simulated(feasibility, current);
  const found: CheckedPlacement[] = [];
  const firsts = isMet(now)
    ? cheaperSteps(problem, current)
    : yield* repaired(feasibility, current, best.placement);
  let at = yield* firstThatMeets(feasibility, fewestMovesFirst(problem, current, firsts));
  while (at !== undefined) {
    found.push(at);
    if (found.length === MOST_STEPS) break;
    const next = cheaperSteps(problem, at.placement);
    at = yield* firstThatMeets(feasibility, fewestMovesFirst(problem, current, next));
  }
  // Step by step one may come to something cheaper than the search did.
  const least = [best, ...found].reduce((a, b) =>
    goalOf(problem, b.placement) < goalOf(problem, a.placement) ? b : a,
  );
  const stepTo = (checked: CheckedPlacement): MigrationStep => ({
    ...checked,
    ...movesBetween(problem, current, checked.placement),
    gainShare: gainShare(problem, current, checked.placement, least.placement),
  });
  const start = isMet(now) ? [stepTo(now)] : [];
  const steps = [...found, best].map(stepTo);
  const sorted = worthwhile(problem, [...start, ...steps]).filter((step) => step !== start[0]);
  const recommended = recommendedStep(
    sorted.map(({ gainShare: part, placement }) => ({ part, goal: goalOf(problem, placement) })),
  );
  return { current: stepTo(now), steps: sorted, ...(recommended >= 0 && { recommended }) };
}

/** Of as many moves the cheapest first. */
function fewestMovesFirst(
  problem: PlanProblem,
  current: Placement,
  placements: readonly Placement[],
): Placement[] {
  return placements
    .map((placement) => ({
      placement,
      moves: movesBetween(problem, current, placement).moves,
      goal: goalOf(problem, placement),
    }))
    .sort((a, b) => a.moves - b.moves || a.goal - b.goal)
    .map(({ placement }) => placement);
}

/** Tenants whose SLO is violated on some day or after some failure. */
export function violatedTenants({ days, failures }: CheckedPlacement): ReadonlySet<string> {
  return new Set([...violatedOn(days), ...failures.flatMap(({ violated }) => violated)]);
}

function isMet({ days, failures }: CheckedPlacement): boolean {
  return days.every(meetsAll) && failures.every(({ met }) => met);
}

/** All that becomes of a placement, good or bad. */
function* simulated(
  { problem, dispatcher }: FeasibilityCheck,
  placement: Placement,
): Search<CheckedPlacement> {
  const days = yield* dispatcher.evaluateDays(placement);
  const failures = yield* simulateFailures(dispatcher, failuresOf(problem, placement), days, 'all');
  return { placement, days, failures };
}

/** The first that meets every SLO, of as many as are looked at and as there is time for. */
function* firstThatMeets(
  feasibility: FeasibilityCheck,
  placements: readonly Placement[],
): Search<CheckedPlacement | undefined> {
  for (const placement of placements.slice(0, MOST_TRIED)) {
    if (!feasibility.dispatcher.hasTimeFor(0)) return undefined;
    if ((yield* feasibility.failing(placement)).length > 0) continue;
    const { days, afterFailures } = yield* feasibility.whole(placement);
    if (afterFailures?.failing.length === 0) return { placement, days, failures: afterFailures.failures };
  }
  return undefined;
}

/**
 * The current placement with what is served nowhere yet; and then with models taken off devices that violate SLOs, on a
 * device more each where that is needed to survive a failure, unless that takes more machines than there may be.
 */
function* repaired(feasibility: FeasibilityCheck, current: Placement, best: Placement): Search<Placement[]> {
  const { problem } = feasibility;
  const whole = yield* withUnserved(feasibility, current, best);
  const slots = withSpareReplicas(problem, slotsOf(whole));
  const [packed] = yield* feasibility.dispatcher.ask('repair', [{ type: 'repair', slots, forbidden: [] }]);
  const apart = placementOf(problem, packed!);
  return isOverLimit(problem, apart) ? [whole] : [whole, apart];
}

/** Fewest moves first; what needs more moves must be cheaper. */
function worthwhile(problem: PlanProblem, steps: readonly MigrationStep[]): MigrationStep[] {
  const goal = ({ placement }: MigrationStep) => goalOf(problem, placement);
  const sorted = [...steps].sort((a, b) => a.moves - b.moves || goal(a) - goal(b));
  return sorted.filter((step, i) =>
    sorted.slice(0, i).every((earlier) => goal(earlier) > goal(step) + LEAST_GAIN),
  );
}

/** Each model with as many replicas at least as it takes to survive a failure, each to be lost by itself. */
function withSpareReplicas({ spec }: PlanProblem, slots: readonly Slot[]): Slot[] {
  const all = slots.flatMap(({ kind, modelReplicas }) =>
    modelReplicas.map((modelReplica) => ({ kind, modelReplica })),
  );
  const replicasOf = (workload: number) => Math.max(countOn(slots, workload), leastReplicas(spec.survive));
  const apart = ({ workload, option }: Slot['modelReplicas'][number]) => ({
    workload,
    replicas: replicasOf(workload),
    option,
  });
  const spare = all
    .filter(({ modelReplica }) => countOn(slots, modelReplica.workload) < replicasOf(modelReplica.workload))
    .map(({ kind, modelReplica }) => ({ kind, modelReplicas: [apart(modelReplica)] }));
  return [...slots.map((slot) => ({ ...slot, modelReplicas: slot.modelReplicas.map(apart) })), ...spare];
}

/**
 * The first step with most of the gain. Where keeping every SLO costs no less than what there is, `part` is NaN, and the gain
 * is what the last step saves against the first; -1 where there are no steps.
 */
export function recommendedStep(steps: readonly { readonly part: number; readonly goal: number }[]): number {
  const [first, last] = [steps[0]?.goal ?? 0, steps.at(-1)?.goal ?? 0];
  const partOf = (goal: number) => (first - last > LEAST_GAIN ? (first - goal) / (first - last) : 1);
  return steps.findIndex(({ part, goal }) => (Number.isNaN(part) ? partOf(goal) : part) >= MOST_OF_GAIN);
}

function gainShare(problem: PlanProblem, now: Placement, step: Placement, best: Placement): number {
  const saved = (placement: Placement) => goalOf(problem, now) - goalOf(problem, placement);
  return saved(best) > LEAST_GAIN ? saved(step) / saved(best) : Number.NaN;
}
