import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { plan } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import type { AloneServing } from '../../../src/plan/search/columns.js';
import { driveInline, JobRunner, type SearchJob } from '../../../src/plan/search/jobs.js';
import { planReport } from '../../../src/report/plan/plan-report.js';
import { planToText } from '../../../src/report/plan/plan-text.js';
import { answered } from '../support/answered.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

/** So many that a first look at each of them is a quick one. */
const MODELS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const profiles = MODELS.map((model) => linearProfile(model, 'gpu', { fixedMs: 10, perItemMs: 0 }));

function problemOf(ratesPerS: Readonly<Record<string, number>>, more: Record<string, unknown> = {}) {
  return smallPlan(
    MODELS.map((model) => ({ model, ratePerS: ratesPerS[model] ?? 1, limitMs: 100 })),
    profiles,
    {
      durationS: 5,
      machines: machinesFor(profiles, { sharing: ['exclusive'], limit: 30 }),
      batching: { maxBatchSizes: [1] },
      mostReplicas: 8,
      ...more,
    },
  );
}

type Row = readonly (AloneServing | undefined)[];
const onlyOne = (row: Row): Row => row.map((one) => one && { ...one, replicas: 1 });
/** So long ago that nothing is repaired any more. */
const LONG_OVER_S = -1000;

describe('a plan of more models than are looked at in their whole run first', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('serves a model that meets its SLO by less than a quick look asks for', () => {
    // Requests come alone, but for nine of a thousand, which come with another one and are late.
    const arrivalsS = Array.from({ length: 1000 }, (_, i) => i * 0.02 + (i % 111 === 110 ? -0.02 : 0));
    const tenants = MODELS.map((name) => ({
      name,
      model: name,
      load: name === 'a' ? { trace: { file: 'a' } } : { process: { kind: 'constant', ratePerS: 2 } },
      slo: { percentile: 99, limitMs: 15 },
    }));
    const problem = smallPlan(
      [],
      profiles,
      {
        durationS: 20,
        warmUpS: 0,
        machines: machinesFor(profiles, { sharing: ['exclusive'], limit: 7 }),
        batching: { maxBatchSizes: [1] },
        mostReplicas: 1,
        tenants,
      },
      {
        a: traceAt(
          arrivalsS.sort((x, y) => x - y),
          20,
        ),
      },
    );
    expect(answered(problem, solve, 200).chosen).toBeDefined();
  });

  it('takes more replicas than a quick look at a model alone found enough', () => {
    const result = answeredWith(problemOf({ a: 500 }), onlyOne);
    expect(result.chosen).toBeDefined();
  });

  it('says that an SLO was not met, not that it cannot be, where more machines might keep it', () => {
    const problem = problemOf({ a: 500 });
    const report = planReport(problem, answeredWith(problem, onlyOne, { remainingS: LONG_OVER_S }));
    const text = planToText(report, { width: 1000 });
    expect(text).toContain('allow more with --budget');
    expect(text).not.toContain('cannot be met');
  });

  it('names the placement that comes nearest where the search ends before it finds one', () => {
    const problem = problemOf({ a: 500 }, { mostReplicas: 1 });
    const option = { maxBatchSize: 1, queueDelayMs: 0, instances: 1 };
    const seenAsServed = (row: Row): Row => row.map((one) => one ?? { replicas: 1, option });
    const result = answeredWith(problem, seenAsServed, { remainingS: LONG_OVER_S });
    expect(result.chosen).toBeUndefined();
    expect(result.candidates).toHaveLength(1);
    const text = planToText(planReport(problem, result), { width: 1000 });
    expect(text).toContain('is not met: on the nearest placement found');
    expect(text).toContain('6 of 7');
  });

  /** The answer where looks at models alone, but for those in their whole run, give other rows. */
  function answeredWith(problem: PlanProblem, change: (row: Row) => Row, { remainingS = 1000 } = {}) {
    const runner = new JobRunner(problem);
    const limits = { remainingS: () => remainingS, mostSimulations: 300 };
    const changing = {
      run: (job: SearchJob, own: Parameters<JobRunner['run']>[1]) => {
        const answer = runner.run(job, own);
        if (job.type !== 'alone' || job.look === 'whole') return answer;
        return { ...answer, value: change(answer.value as Row) };
      },
    } as JobRunner;
    return driveInline(plan(problem, { solve, ...limits }), changing, limits);
  }
});
