import { checkPlan } from '../../plan/input/check.js';
import type { PlanResult } from '../../plan/plan.js';
import type { PlanProblem } from '../../plan/problem-setting.js';
import type { PlanSpec } from '../../plan/spec.js';
import type { ModelProfile } from '../../profile/profile.js';
import { type RunPlanOptions, runPlan } from './run-plan.js';

export interface PlannedFleet {
  readonly problem: PlanProblem;
  readonly result: PlanResult;
}

/**
 * Plans from values instead of files, for benchmarks and programs:
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
    { value: spec, problems: [], positionOf: () => ({}) },
    {
      profiles: new Map(spec.profiles.map((path) => [path, { value: files }])),
      configs: new Map(),
      traces: new Map(),
    },
  );
  return { problem, result: await runPlan(problem, options) };
}
