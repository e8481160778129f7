import { expect } from 'vitest';
import { runBound } from '../../../src/plan/bound/bounds.js';
import { isInfeasible } from '../../../src/plan/bound/infeasible-slot.js';
import { evaluate, meetsAll } from '../../../src/plan/evaluate.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { placementOf } from '../../../src/plan/master.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { optionsThatHold } from '../../../src/plan/screen.js';

/** Between costs that are the same. */
const TIES = 1e-3;

/**
 * Simulates the only model of a plan on one and on two machines of $1, under every option: no bound is above one of these that
 * meets its SLO, and none of them is called infeasible. Gives how many meet it.
 */
export function placementsBelow(problem: PlanProblem, solve: SolveProgram): number {
  const bound = runBound(problem, solve, { timeLimitS: 5 });
  let met = 0;
  for (const option of optionsThatHold(problem, problem.workloads[0]!))
    for (const replicas of [1, 2]) {
      const slot = { kind: 0, modelReplicas: [{ workload: 0, replicas, option }] };
      const slots = Array.from({ length: replicas }, () => slot);
      if (!meetsAll(evaluate(problem, placementOf(problem, slots), problem.days[0]!))) continue;
      met++;
      expect(bound).toBeLessThanOrEqual(replicas + TIES);
      expect(isInfeasible(problem, slot)).toBe(false);
    }
  return met;
}
