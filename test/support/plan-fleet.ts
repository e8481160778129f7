import { type RunPlanOptions, runPlan } from '../../src/node/plan/run-plan.js';
import { checkPlan } from '../../src/plan/input/check.js';
import type { PlanResult } from '../../src/plan/plan.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import type { PlanSpec } from '../../src/plan/spec.js';
import type { ModelProfile } from '../../src/profile/profile.js';

export interface PlannedFleet {
  readonly problem: PlanProblem;
  readonly result: PlanResult;
}

/**
 * Plans from values instead of files, for benchmarks and tests:
 * `planFleet(spec, profiles, { budgetS, threads }) → { problem, result }`, where `result.goal`
 * and `result.bound` are in dollars per hour (or GPUs, under `goal: gpus`). The spec must name one
 * entry of `profiles`, price its machines by `usdPerHour` and have no traces from files.
 * @throws InputError when the spec is wrong
 */
export async function planFleet(
  spec: PlanSpec,
  profiles: readonly ModelProfile[],
  options: RunPlanOptions = {},
): Promise<PlannedFleet> {
  const files = profiles.map((profile) => ({ file: `${profile.device} ${profile.model}`, profile }));
  const problem = checkPlan(
    { spec, problems: [], positionOf: () => ({}) },
    {
      profiles: new Map(spec.profiles.map((path) => [path, { value: files }])),
      configs: new Map(),
      traces: new Map(),
    },
  );
  return { problem, result: await runPlan(problem, options) };
}
