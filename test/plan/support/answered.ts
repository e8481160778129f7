import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { type PlanResult, plan } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { driveInline, JobRunner } from '../../../src/plan/search/jobs.js';
import { searchPlacement } from '../../../src/plan/search/search.js';
import type { SearchResult } from '../../../src/plan/search/search-setting.js';

/** More than any of these plans takes: runs are what ends a search here. */
const remainingS = () => 1000;

/** The plan's answer, found in this thread. */
export function answered(
  problem: PlanProblem,
  solve: SolveProgram,
  mostSimulations = Number.POSITIVE_INFINITY,
): PlanResult {
  const limits = { remainingS, mostSimulations };
  return driveInline(plan(problem, { solve, ...limits }), new JobRunner(problem), limits);
}

/** What the search alone finds. */
export function searched(
  problem: PlanProblem,
  solve: SolveProgram,
  mostSimulations = Number.POSITIVE_INFINITY,
): SearchResult {
  const limits = { remainingS, mostSimulations };
  return driveInline(searchPlacement(problem, { solve, ...limits }), new JobRunner(problem), limits);
}
