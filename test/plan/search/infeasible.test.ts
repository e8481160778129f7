import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { meetsAll } from '../../../src/plan/evaluate.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { planReport } from '../../../src/report/plan/plan-report.js';
import { planToText } from '../../../src/report/plan/plan-text.js';
import { answered } from '../support/answered.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

/** Models that need so many ms for each inference, one to a GPU, on so many GPUs. */
function problemOf(perItemMs: Record<string, number>, limit: number): PlanProblem {
  const profiles = Object.entries(perItemMs).map(([model, ms]) =>
    linearProfile(model, 'gpu', { fixedMs: 1, perItemMs: ms }),
  );
  const machines = machinesFor(profiles, { limit, sharing: ['exclusive'] });
  const tenants = Object.keys(perItemMs).map((model) => ({ model, ratePerS: 50, limitMs: 60 }));
  return smallPlan(tenants, profiles, { machines });
}

describe('a plan that is infeasible by the limits on machines', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  const answerOf = (problem: PlanProblem, mostSimulations = 500) => answered(problem, solve, mostSimulations);

  it('names the model with least room, none of whose requests are served, where nothing can be moved', () => {
    const { chosen, shortfalls, candidates } = answerOf(problemOf({ a: 2, b: 6, c: 3 }, 2));
    expect(chosen).toBeUndefined();
    expect(shortfalls).toEqual([
      {
        tenant: 'b',
        percentile: 99,
        limitMs: 60,
        latencyMs: Number.NaN,
        margin: -0.99,
        where: 'all machines that may be used',
        networkMs: 0,
      },
    ]);
    const [nearest] = candidates;
    expect(nearest!.days.some(meetsAll)).toBe(false);
    expect(nearest!.placement.machines).toHaveLength(2);
    expect(nearest!.days[0]!.verdicts.map(({ met }) => met)).toEqual([true, true]);
    expect(nearest!.days[0]!.unserved).toHaveLength(1);
    expect(nearest!.days[0]!.attainment).toBeCloseTo(2 / 3, 1);
  });

  it('names the number of replicas that were tried and the field that allows no more', () => {
    const crowd = [{ model: 'a', ratePerS: 2000, limitMs: 60 }];
    const profiles = [linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 4 })];
    const problemWith = (mostReplicas: number) =>
      smallPlan(crowd, profiles, {
        machines: machinesFor(profiles, { limit: 20, sharing: ['exclusive'] }),
        mostReplicas,
      });
    const few = problemWith(4);
    expect(planToText(planReport(few, answerOf(few)), { width: 1000 })).toContain(
      'The SLO of a cannot be met: on 4 × gpu, exclusive, alone on each (mostReplicas allows no more), ',
    );
    expect(answerOf(problemWith(16)).chosen).toBeDefined();
  });

  it('says in words which SLO that is, by what margin, and what would do', () => {
    const problem = problemOf({ a: 2, b: 6, c: 3 }, 2);
    const report = planReport(problem, answerOf(problem));
    const text = planToText(report, { width: 1000 });
    expect(text).toContain('no placement was found that meets every SLO; there is none');
    expect(text).not.toContain('--budget');
    expect(text).toContain(
      'The SLO of b cannot be met: on all machines that may be used, 0 % of its requests are within 60 ms instead of 99 %.',
    );
    expect(text).toContain('Without the limits on machines, 3 × machine-0 would do.');
    const [nearest] = report.candidates;
    expect(nearest!.slos).toBe(3);
    expect(nearest!.slosMet).toBe(2);
    expect(nearest!.days[0]!.violated).toEqual(['b']);
    expect(nearest!.tenants.find(({ tenant }) => tenant === 'b')).toMatchObject({
      met: false,
      attainment: { value: 0, low: 0, high: 0 },
    });
  });

  it('says that there is none only where every placement was looked at', () => {
    const profiles = [linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 5 })];
    const answer = (mostSimulations: number) => {
      const machines = machinesFor(profiles, { limit: 1 });
      const problem = smallPlan([{ model: 'a', ratePerS: 150, limitMs: 20 }], profiles, { machines });
      const report = planReport(problem, answerOf(problem, mostSimulations));
      const { chosen, isExhaustive, isOptimal } = report;
      return { chosen, isExhaustive, isOptimal, saysNone: planToText(report).includes('; there is none') };
    };
    const none = { chosen: undefined, isOptimal: false };
    expect(answer(500)).toEqual({ ...none, isExhaustive: true, saysNone: true });
    expect(answer(1)).toEqual({ ...none, isExhaustive: false, saysNone: false });
  });

  it('calls no SLO impossible where the search ended before it had put models together', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const profiles = names.map((model) => linearProfile(model, 'gpu', { fixedMs: 1, perItemMs: 1 }));
    const problem = smallPlan(
      names.map((model) => ({ model, ratePerS: 110, limitMs: 40 })),
      profiles,
      { machines: machinesFor(profiles, { limit: 2, sharing: ['streams'] }) },
    );
    expect(answerOf(problem).chosen).toBeDefined();
    const report = planReport(problem, answerOf(problem, 1));
    expect(report.chosen).toBeUndefined();
    const text = planToText(report, { width: 1000 });
    expect(text).toContain('in the time given; allow more with --budget');
    expect(text).not.toContain('cannot be met');
  });
});
