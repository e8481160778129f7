import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { amongAllKinds, bestOfKind, onlyMachines } from '../../src/plan/by-kind.js';
import { evaluate, meetsAll } from '../../src/plan/evaluate.js';
import { usdPerHourOf } from '../../src/plan/goal.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { plan } from '../../src/plan/plan.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { driveInline, JobRunner } from '../../src/plan/search/jobs.js';
import { withOneLess } from '../../src/plan/search/neighbours.js';
import { searched } from './support/answered.js';
import { linearProfile, machinesFor, smallPlan } from './support/small-plans.js';

const MODELS = ['a', 'b', 'c'];

/** Three models on two kinds of machines, of which the second is half as fast and costs a third. */
function twoKinds(): PlanProblem {
  const profiles = MODELS.flatMap((model, i) => [
    linearProfile(model, 'fast', { fixedMs: 1, perItemMs: 2 + i }),
    linearProfile(model, 'slow', { fixedMs: 2, perItemMs: 4 + 2 * i }),
  ]);
  const machines = machinesFor(profiles).map((machine, kind) => ({
    ...machine,
    machine: { ...machine.machine, usdPerHour: kind === 0 ? 3 : 1 },
  }));
  return smallPlan(
    MODELS.map((model) => ({ model, ratePerS: 60, limitMs: 100 })),
    profiles,
    { machines, durationS: 2 },
  );
}

describe('the best placement on one kind of machine', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it.each([0, 1])('costs the same among all kinds, and meets the same SLOs (kind %i)', (kind) => {
    const problem = twoKinds();
    const alone = onlyMachines(problem, kind);
    const { best } = searched(alone, solve);
    const placed = amongAllKinds(problem, kind, best!);
    expect(usdPerHourOf(problem, placed)).toBe(usdPerHourOf(alone, best!));
    const [summary, other] = [
      evaluate(problem, placed, problem.days[0]!),
      evaluate(alone, best!, alone.days[0]!),
    ];
    expect(meetsAll(summary)).toBe(true);
    expect(summary.summary.tenants).toEqual(other.summary.tenants);
  });

  it('is the answer where a search of all kinds ends before it has come to anything as cheap', () => {
    const problem = twoKinds();
    const known = [0, 1].map((kind) =>
      amongAllKinds(problem, kind, searched(onlyMachines(problem, kind), solve).best!),
    );
    const least = Math.min(...known.map((placement) => usdPerHourOf(problem, placement)));
    const limits = { remainingS: () => 1000, mostSimulations: 1 };
    const answerOf = (own: typeof known) => {
      const found = driveInline(plan(problem, { solve, ...limits }, own), new JobRunner(problem), limits);
      return found.chosen === undefined ? Infinity : found.candidates[found.chosen]!.days[0]!.usdPerHour;
    };
    expect(answerOf([])).toBeGreaterThan(least);
    expect(answerOf(known)).toBeCloseTo(least, 9);
  });

  it('has no machine that it can do without, also where its search ends at once', () => {
    const problem = onlyMachines(twoKinds(), 1);
    const limits = { remainingS: () => 1000, mostSimulations: 1 };
    const { best } = driveInline(
      bestOfKind(problem, { solve, ...limits }, 1),
      new JobRunner(problem),
      limits,
    );
    expect(meetsAll(best!)).toBe(true);
    const less = withOneLess(problem, best!.placement);
    const isMet = less !== undefined && meetsAll(evaluate(problem, less, problem.days[0]!));
    expect(isMet).toBe(false);
  });
});
