import { expect } from 'vitest';
import { evaluate, meetsAll } from '../../../src/plan/evaluate.js';
import type { PlanResult } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { allFailures } from './all-failures.js';
import { linearProfile, type SmallTenant, smallPlan } from './small-plans.js';

export const MIG = 'A100-80GB';

export function machine(more: Record<string, unknown>) {
  return {
    name: 'm',
    memoryMb: 80_000,
    machine: { kind: 'server', usdPerHour: 1 },
    sharing: ['timeSlices'],
    ...more,
  };
}

/** Models of 5 ms for an inference, on machines of two GPUs. */
export function onTwoGpus(tenants: readonly SmallTenant[], more: Record<string, unknown> = {}): PlanProblem {
  const profiles = tenants.map(({ model }) => linearProfile(model, 'slow', { fixedMs: 0, perItemMs: 5 }));
  return smallPlan(tenants, profiles, {
    survive: 'machine',
    mostReplicas: 8,
    machines: [machine({ gpu: 'slow', gpus: 2 })],
    ...more,
  });
}

/** The same on the smallest MIG slices. */
export function onSlices(tenants: readonly SmallTenant[], more: Record<string, unknown> = {}): PlanProblem {
  const device = `${MIG} MIG 1g.10gb`;
  const profiles = tenants.map(({ model }) => linearProfile(model, device, { fixedMs: 0, perItemMs: 5 }));
  return smallPlan(tenants, profiles, {
    survive: 'gpu',
    mostReplicas: 8,
    machines: [machine({ gpu: MIG, sharing: ['mig'] })],
    ...more,
  });
}

export const tenant = (model: string, ratePerS: number): SmallTenant => ({ model, ratePerS, limitMs: 100 });

/** What is left of the answer without any one of its machines or GPUs, found without the planner's own means. */
export function expectSurvives(problem: PlanProblem, { best }: PlanResult, lost: 'machine' | 'gpu') {
  const remains = allFailures(best!, lost);
  expect(remains.length).toBeGreaterThan(1);
  for (const left of remains) {
    const served = new Set(
      left.machines.flatMap(({ gpus }) =>
        gpus.flat().flatMap(({ modelReplicas }) => modelReplicas.map(({ workload }) => workload)),
      ),
    );
    expect(served.size).toBe(problem.workloads.length);
    for (const day of problem.days) expect(meetsAll(evaluate(problem, left, day))).toBe(true);
  }
}
