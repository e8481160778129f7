import { describe, expect, it } from 'vitest';
import { meetsAll } from '../../../src/plan/evaluate.js';
import { gpusUsed } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { USUAL_FILL } from '../../../src/plan/search/alone-row.js';
import { largeBatchTable } from '../../../src/plan/search/columns.js';
import { driveInline, type JobLimits, JobRunner, type SearchJob } from '../../../src/plan/search/jobs.js';
import { searchPlacement } from '../../../src/plan/search/search.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

const FOREVER = { remainingS: () => 1000 };

const NO_TIME = { remainingS: () => 0 };

/** So many models of which no two meet their SLOs on one device. */
function apart(models: number, sharing = 'timeSlices') {
  const names = Array.from({ length: models }, (_, i) => `m${i}`);
  const profiles = names.map((name) => linearProfile(name, 'gpu', { fixedMs: 5, perItemMs: 0 }));
  const plan = {
    machines: machinesFor(profiles, { limit: 50, sharing: [sharing] }),
    durationS: 6,
    batching: { maxBatchSizes: [1] },
    tenants: names.map((name) => ({
      name,
      model: name,
      load: { trace: { file: 'all' } },
      slo: { percentile: 99, limitMs: 9 },
    })),
  };
  // All send at the same times.
  const times = Array.from({ length: 570 }, (_, i) => i / 96);
  return smallPlan([], profiles, plan, { all: traceAt(times, 6) });
}

/** What the search finds of each model alone, and of how full devices may be. */
function firstLooks(problem: PlanProblem, limits: JobLimits) {
  const runner = new JobRunner(problem);
  const rows = problem.workloads.map(
    (_, workload) => runner.run({ type: 'alone', workload, look: 'quick' }, FOREVER).value,
  );
  const alone = largeBatchTable(problem, rows);
  return { runner, alone, fill: runner.run({ type: 'fill', kind: 0, alone }, limits) };
}

describe('the first look at how full devices may be', () => {
  it('asks of a fill no longer than it takes to see that too many devices fail', () => {
    // In pairs they are nearly full. Twelve devices of each fill would be looked at, of which the third that fails is one too many.
    const { value, simulations } = firstLooks(apart(24), FOREVER).fill;
    expect(value[0]).toBeLessThan(0.96);
    expect(simulations).toBeLessThan(12);
  });

  it('takes what devices usually bear where there is no time for it, instead of the emptiest', () => {
    expect(firstLooks(apart(24), NO_TIME).fill).toEqual({ value: [USUAL_FILL], simulations: 0 });
  });
});

describe('a packing', () => {
  it('gives no model a larger batch than it was measured with, so that all share a device', () => {
    const profiles = ['a', 'b'].map((model) => linearProfile(model, 'gpu', { fixedMs: 2, perItemMs: 0.1 }));
    const service = profiles[0]!.service.filter(({ batchSize }) => batchSize <= 16);
    const measured = [{ ...profiles[0]!, service }, profiles[1]!];
    const tenants = profiles.map(({ model }) => ({ model, ratePerS: 50, limitMs: 100 }));
    const problem = smallPlan(tenants, measured, { batching: {} });
    const { runner, alone, fill } = firstLooks(problem, FOREVER);
    const groups = [{ kind: 0, workloads: [0, 1], fill: fill.value[0]! }];
    const { value } = runner.run({ type: 'packing', groups, alone, round: 0 }, FOREVER);
    expect(value).toHaveLength(1);
  });
});

describe('a search without time', () => {
  it('divides the devices of its first packing until they hold, and gives up others', () => {
    const problem = apart(24);
    const { runner, alone } = firstLooks(problem, NO_TIME);
    const groups = [{ kind: 0, workloads: [...problem.workloads.keys()], fill: 1.9 }];
    const pack = (mustEnd: boolean) =>
      runner.run({ type: 'packing', groups, alone, round: 0, mustEnd }, NO_TIME).value;
    expect(pack(true)).toHaveLength(24);
    expect(pack(false)).toBeUndefined();
  });

  it.each(['timeSlices', 'exclusive'])(
    'still finds a placement under %s, the solver having none',
    (sharing) => {
      const problem = apart(20, sharing);
      const solve = () => ({ status: 'unknown', objective: Infinity, bound: 0, values: [] }) as const;
      const looks: string[] = [];
      const runner = new JobRunner(problem);
      const watched = {
        run: (job: SearchJob, own: JobLimits) => {
          if (job.type === 'alone') looks.push(job.look);
          return runner.run(job, own);
        },
      } as JobRunner;
      const { best, days } = driveInline(searchPlacement(problem, { solve, ...NO_TIME }), watched, NO_TIME);
      // Some were divided between devices that hold none of the parts beside another.
      expect(gpusUsed(best!)).toBeLessThanOrEqual(30);
      expect(days.every(meetsAll)).toBe(true);
      // Nothing was simulated of models alone.
      expect(new Set(looks)).toEqual(new Set(['screen']));
    },
  );
});
