import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { solveByNodes } from '../../../src/node/plan/run-plan.js';
import { type IntegerProgram, ProgramBuilder, type SolveProgram } from '../../../src/plan/integer-program.js';
import { plan } from '../../../src/plan/plan.js';
import { driveInline, JobRunner, type SearchJob } from '../../../src/plan/search/jobs.js';
import { searchPlacement } from '../../../src/plan/search/search.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

const MODELS = ['a', 'b', 'c', 'd'];

/** Loads that nearly fit on three machines by device time, and do not in simulation, in any of many ways. */
function crowded(ratePerS = 220) {
  const profiles = MODELS.map((model, i) => linearProfile(model, 'gpu', { fixedMs: 3 + i, perItemMs: 2 }));
  return smallPlan(
    MODELS.map((model) => ({ model, ratePerS, limitMs: 45 })),
    profiles,
    {
      machines: machinesFor(profiles),
      batching: { maxBatchSizes: [4, 8, 16] },
      mostReplicas: 3,
      durationS: 2,
    },
  );
}

describe('a search with a budget of runs', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  /** Simulations that were made, by type of job. */
  function simulationsOf(mostSimulations: number): Map<SearchJob['type'], number> {
    const limits = { remainingS: () => 1000, mostSimulations };
    const problem = crowded();
    const made = new Map<SearchJob['type'], number>();
    const runner = new JobRunner(problem);
    const counting = {
      run: (...[job, own]: Parameters<JobRunner['run']>) => {
        const answer = runner.run(job, own);
        made.set(job.type, (made.get(job.type) ?? 0) + answer.simulations);
        return answer;
      },
    } as JobRunner;
    driveInline(searchPlacement(problem, { solve, ...limits }), counting, limits);
    return made;
  }

  it('looks for cheaper placements no longer than the budget lasts', () => {
    const made = simulationsOf(300);
    expect(made.get('exact')).toBeGreaterThan(0);
    expect([...made.values()].reduce((sum, runs) => sum + runs, 0)).toBeLessThanOrEqual(300);
  });

  it('solves integer programs for a number of nodes, however little time that is', () => {
    const program = covering();
    const inTime = solve(program, { timeLimitS: 0 });
    expect(inTime.status).not.toBe('optimal');
    const byNodes = solveByNodes(solve)(program, { timeLimitS: 0 });
    expect(byNodes.status).toBe('optimal');
    expect(byNodes).toEqual(solve(program, { timeLimitS: 60 }));
    expect(solve(program, { timeLimitS: 60, mostNodes: 1 }).status).not.toBe('optimal');
  });
});

describe('a plan with a budget of seconds', () => {
  it('begins nothing that may be left out and would take longer than what is left', async () => {
    const solve = await loadSolver();
    const budgetS = 20;
    const evaluationS = 4;
    let spentS = 0;
    const limits = { remainingS: () => budgetS - spentS };
    const problem = crowded(60);
    const runner = new JobRunner(problem);
    // Nothing takes time but simulations in full, four seconds each.
    const slow = {
      run: (...[job, own]: Parameters<JobRunner['run']>) => {
        if (job.type === 'evaluate') spentS += evaluationS;
        return runner.run(job, own);
      },
    } as JobRunner;
    const { chosen } = driveInline(plan(problem, { solve, ...limits }), slow, limits);
    expect(chosen).toBeDefined();
    // Two are begun together, of which the first ends in time.
    expect(spentS).toBeLessThanOrEqual(budgetS + evaluationS);
  });
});

/** The cheapest of eighteen things that cover six needs: more than an instant and one node to solve. */
function covering(): IntegerProgram {
  const random = new RandomStreams(1).get('covering');
  const builder = new ProgramBuilder();
  const things = Array.from({ length: 18 }, () => builder.count(50 + random.nextInt(50), 3));
  for (let need = 0; need < 6; need++) {
    const terms = things.map((variable) => ({ variable, coefficient: 1 + random.nextInt(99) }));
    builder.atLeast(500, terms);
  }
  return builder.build();
}
