import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { loadSolver } from '../../src/node/plan/highs.js';
import { runBound } from '../../src/plan/bound/bounds.js';
import { isInfeasible } from '../../src/plan/bound/infeasible-slot.js';
import { placementScenario } from '../../src/plan/evaluate.js';
import { currentPlacement } from '../../src/plan/input/current.js';
import type { Placement, Slot } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { linearProfile, smallPlan } from './support/small-plans.js';

/** 10 ms each, on a core or only waiting. */
function profileOf(model: string, computes: boolean) {
  return linearProfile(model, 'CPU', {
    fixedMs: 5,
    perItemMs: 5,
    more: { hostCores: { input: 0, infer: computes ? 1 : 0, output: 0, response: 0 } },
  });
}

const HOST = { name: 'host', gpu: 'CPU', cpuCores: 2, machine: { kind: 'host', usdPerHour: 1 } };

/** Models of 60 inferences/s each, at most one in an execution. */
function problemOf(models: Record<string, boolean>, host: Record<string, unknown> = {}): PlanProblem {
  const names = Object.keys(models);
  return smallPlan(
    names.map((model) => ({ model, ratePerS: 60, limitMs: 200, percentile: 90 })),
    names.map((model) => profileOf(model, models[model]!)),
    { machines: [{ ...HOST, ...host }], batching: { maxBatchSizes: [1], instances: [1] } },
  );
}

function onOneHost(problem: PlanProblem): Slot {
  const kind = problem.slotKinds.findIndex(({ mode }) => mode === 'streams');
  const option = problem.options[0]!;
  return { kind, modelReplicas: problem.workloads.map((_, workload) => ({ workload, replicas: 1, option })) };
}

function problemsOf(plan: () => unknown): readonly string[] {
  try {
    plan();
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ what }) => what);
    throw error;
  }
  return [];
}

describe('a plan on hosts without a GPU', () => {
  it('lets models that compute share the cores: two cores do for three models that are busy 0.6 s in a second', () => {
    const three = problemOf({ a: true, b: true, c: true });
    expect(isInfeasible(three, onOneHost(three))).toBe(false);
    const five = problemOf({ a: true, b: true, c: true, d: true, e: true });
    expect(isInfeasible(five, onOneHost(five))).toBe(true);
  });

  it('counts nothing for models that only wait, and the cores of the measured host where the plan names none', () => {
    const waiting = problemOf({ a: false, b: false, c: false, d: false });
    expect(isInfeasible(waiting, onOneHost(waiting))).toBe(false);
    const unknown = problemOf({ a: true, b: true, c: true, d: true, e: true }, { cpuCores: undefined });
    expect(unknown.slotKinds.map(({ cores }) => cores)).toEqual([Infinity, Infinity]);
    expect(isInfeasible(unknown, onOneHost(unknown))).toBe(false);
  });

  it('has a bound of whole hosts: of the cores for models that compute, of the front ends for others', async () => {
    const solve = await loadSolver();
    const boundOf = (problem: PlanProblem) => runBound(problem, solve, { timeLimitS: 5 });
    expect(boundOf(problemOf({ a: true, b: true, c: true }))).toBeCloseTo(1, 2);
    expect(boundOf(problemOf({ a: true, b: true, c: true, d: true, e: true }))).toBeCloseTo(2, 2);
    expect(boundOf(problemOf({ a: false, b: false, c: false, d: false, e: false }))).toBeCloseTo(1, 2);
  });

  it('becomes servers without devices whose instances run on the CPU, and is read back as the same placement', () => {
    const problem = problemOf({ a: true, b: false });
    const slot = onOneHost(problem);
    const placement: Placement = { machines: [{ kind: 0, gpus: [[slot]] }] };
    const scenario = placementScenario(problem, placement, problem.days[0]!);
    const [server] = scenario.servers;
    expect(server!.cpuCores).toBe(2);
    expect(server!.models.map(({ config }) => config.instanceGroups[0]!.kind)).toEqual([
      'KIND_CPU',
      'KIND_CPU',
    ]);
    expect(currentPlacement(problem, scenario)).toEqual(placement);
  });

  it('refuses prices that are less than what a plan tells apart', () => {
    const priced = (usdPerHour: number) =>
      problemsOf(() => problemOf({ a: true }, { machine: { kind: 'h', usdPerHour } }));
    expect(priced(0.0004)).toEqual(['costs 0.0004 an hour, and a plan tells costs apart from 0.001 on']);
  });

  it('refuses what only GPUs have', () => {
    expect(problemsOf(() => problemOf({ a: true }, { gpus: 2, sharing: ['streams', 'mig', 'mps'] }))).toEqual(
      [
        'a host is one machine',
        'the cores of a host are not shared by mig',
        'the cores of a host are not shared by mps',
      ],
    );
  });
});
