import { goalOf, LEAST_GAIN } from '../goal.js';
import { optionKey, type Placement, replicasOn, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import type { CheckedPlacement } from '../search/failure-scenarios.js';
import type { FeasibilityCheck } from '../search/feasibility-check.js';
import { isOverLimit } from '../search/infeasible.js';
import type { Search, SearchResult } from '../search/search-setting.js';
import type { Migration } from './migration.js';

/**
 * What a search found; instead of it the current placement, where that meets every SLO and costs no more: to leave it
 * would be moves for nothing.
 */
export function* orCurrent(feasibility: FeasibilityCheck, found: SearchResult): Search<SearchResult> {
  const { problem } = feasibility;
  const { current } = problem;
  if (current === undefined || !isAllowed(problem, current)) return found;
  if (goalOf(problem, current) > found.goal + LEAST_GAIN) return found;
  return (yield* answeredBy(feasibility, found, current)) ?? found;
}

/** What a search found; instead of it the best of the placements that are known where one costs less and meets every SLO. */
export function* orKnown(
  feasibility: FeasibilityCheck,
  found: SearchResult,
  known: readonly Placement[],
): Search<SearchResult> {
  const goal = (placement: Placement) => goalOf(feasibility.problem, placement);
  for (const placement of [...known].sort((a, b) => goal(a) - goal(b))) {
    if (goal(placement) >= found.goal - LEAST_GAIN) break;
    const answer = yield* answeredBy(feasibility, found, placement);
    if (answer !== undefined) return answer;
  }
  return found;
}

/** A placement as the answer; undefined where it does not meet every SLO. */
function* answeredBy(
  feasibility: FeasibilityCheck,
  found: SearchResult,
  best: Placement,
): Search<SearchResult | undefined> {
  const { failing, days, afterFailures } = yield* feasibility.placement(best);
  if (failing.length > 0 || afterFailures === undefined) return undefined;
  const { nearest: _, ...rest } = found;
  const { failures } = afterFailures;
  return answeredWith(feasibility.problem, rest, { placement: best, days, failures });
}

/** The answer; instead of it the last step from the current placement, where that costs less. */
export function orLastStep<Answer extends SearchResult>(
  problem: PlanProblem,
  answer: Answer,
  migration: Migration | undefined,
): Answer {
  const last = migration?.steps.at(-1);
  if (last === undefined || !isAllowed(problem, last.placement)) return answer;
  return goalOf(problem, last.placement) < answer.goal - LEAST_GAIN
    ? answeredWith(problem, answer, last)
    : answer;
}

/**
 * What was found with another answer, which meets every SLO, after every failure too. Not all that is cheaper had been looked at
 * where it costs less than what was found.
 */
export function answeredWith<Found extends SearchResult>(
  problem: PlanProblem,
  found: Found,
  { placement: best, days, failures }: CheckedPlacement,
): Found {
  const goal = goalOf(problem, best);
  return {
    ...found,
    best,
    days,
    failures,
    failureCount: failures.length,
    goal,
    bound: found.isLookedAt ? Math.min(found.bound, goal) : found.bound,
    isExhaustive: found.isExhaustive && goal >= found.goal - LEAST_GAIN,
  };
}

/** Whether it stays within the limits and settings that the plan allows: what there is now need not. */
function isAllowed(problem: PlanProblem, placement: Placement): boolean {
  const { options, spec } = problem;
  const isOption = (option: (typeof options)[number]) =>
    options.some((other) => optionKey(other) === optionKey(option));
  return (
    !isOverLimit(problem, placement) &&
    replicasOn(slotsOf(placement)).every(
      ({ option, replicas }) => isOption(option) && replicas <= spec.mostReplicas,
    )
  );
}
