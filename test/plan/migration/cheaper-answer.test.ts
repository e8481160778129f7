import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { goalOf } from '../../../src/plan/goal.js';
import { orCurrent, orLastStep } from '../../../src/plan/migration/cheaper-answer.js';
import type { Migration } from '../../../src/plan/migration/migration.js';
import type { Placement } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { FeasibilityCheck } from '../../../src/plan/search/feasibility-check.js';
import { JobDispatcher } from '../../../src/plan/search/job-dispatcher.js';
import { driveInline, JobRunner } from '../../../src/plan/search/jobs.js';
import type { SearchResult } from '../../../src/plan/search/search-setting.js';
import { searched } from '../support/answered.js';
import { linearProfile, smallPlan } from '../support/small-plans.js';

const MODELS = ['a', 'b'];
const remainingS = () => 1000;

/** Two models, each of which keeps a device busy for a quarter of the time. */
function problemOf(more: Record<string, unknown> = {}): PlanProblem {
  return smallPlan(
    MODELS.map((model) => ({ model, ratePerS: 50, limitMs: 100 })),
    MODELS.map((model) => linearProfile(model, 'slow', { fixedMs: 0, perItemMs: 5 })),
    more,
  );
}

/** A machine for each list of models. */
const placed = ({ options }: PlanProblem, ...machines: readonly (readonly number[])[]): Placement => ({
  machines: machines.map((workloads) => {
    const modelReplicas = workloads.map((workload) => ({ workload, replicas: 1, option: options.at(-1)! }));
    return { kind: 0, gpus: [[{ kind: 0, modelReplicas }]] };
  }),
});

describe('the answer to a plan with a current placement', () => {
  let problem: PlanProblem;
  let found: SearchResult;
  let dear: SearchResult;
  beforeAll(async () => {
    const solve = await loadSolver();
    problem = problemOf();
    found = searched(problem, solve);
    // As where the search has had no time for better.
    const best = placed(problem, [0], [1]);
    dear = {
      ...found,
      best,
      goal: goalOf(problem, best),
      bound: 0.5,
      isExhaustive: false,
      isLookedAt: false,
    };
  });

  const answerOf = (own: PlanProblem, result: SearchResult, current: Placement) => {
    const asked = { ...own, current };
    const tools = { solve: () => expect.fail(), remainingS };
    const search = orCurrent(new FeasibilityCheck(new JobDispatcher(asked, tools)), result);
    return driveInline(search, new JobRunner(asked), { remainingS });
  };

  it('is that one where the search found nothing that costs less, or nothing at all', () => {
    const current = placed(problem, [0, 1]);
    const { best: _, ...nothing } = { ...dear, days: [], goal: Number.POSITIVE_INFINITY };
    for (const result of [dear, nothing]) {
      const answer = answerOf(problem, result, current);
      expect(answer.best).toBe(current);
      expect(answer.goal).toBeCloseTo(goalOf(problem, current));
      expect(answer.bound).toBe(0.5);
      expect(answer.days[0]!.placement).toBe(current);
    }
    expect(answerOf(problem, found, current)).toMatchObject({ best: current, isExhaustive: true });
  });

  it('is what was found where that costs less, or the current placement violates an SLO or is not allowed', () => {
    expect(answerOf(problem, found, placed(problem, [0], [1])).best).toBe(found.best);
    const missing = placed(problem, [0]);
    expect(answerOf(problem, dear, missing)).toBe(dear);
    const limited = { ...problem, machines: problem.machines.map((kind) => ({ ...kind, limit: 0 })) };
    expect(answerOf(limited, dear, placed(problem, [0, 1]))).toBe(dear);
    const otherOptions = { ...problem, options: problem.options.slice(0, 1) };
    expect(answerOf(otherOptions, dear, placed(problem, [0, 1]))).toBe(dear);
  });

  it('is the last step from it where that costs less than what the search found', () => {
    const step = {
      placement: found.best!,
      days: found.days,
      failures: [],
      moves: 1,
      loadMs: 0,
      gainShare: 1,
    };
    const migration: Migration = { current: step, steps: [step] };
    const answer = orLastStep(problem, dear, migration);
    expect(answer).toMatchObject({ best: found.best, goal: goalOf(problem, found.best!), failureCount: 0 });
    expect(orLastStep(problem, found, migration)).toBe(found);
    expect(orLastStep(problem, dear, undefined)).toBe(dear);
  });
});
