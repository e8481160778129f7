import { describe, expect, it } from 'vitest';
import { FeasibilityCheck } from '../../../src/plan/search/feasibility-check.js';
import { JobDispatcher } from '../../../src/plan/search/job-dispatcher.js';
import { driveInline, JobRunner, type SearchJob } from '../../../src/plan/search/jobs.js';
import { lookCheaper } from '../../../src/plan/search/look-cheaper.js';
import type { Choice } from '../../../src/plan/search/search-setting.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

const NONE: Choice = { days: [] };

/** What is known once fewer than so many machines of three at a dollar each were looked at to the end, and none did. */
function knownAfter(completeBelow: number): Choice {
  const profiles = [linearProfile('a', 'gpu', { fixedMs: 3, perItemMs: 2 })];
  const problem = smallPlan([{ model: 'a', ratePerS: 100, limitMs: 45 }], profiles, {
    machines: machinesFor(profiles, { limit: 3 }),
  });
  const limits = { remainingS: () => 1000 };
  const tools = { ...limits, solve: () => expect.fail('nothing is to be solved') };
  const feasibility = new FeasibilityCheck(new JobDispatcher(problem, tools));
  const runner = new JobRunner(problem);
  const looking = {
    run: (job: SearchJob, own: Parameters<JobRunner['run']>[1]) => {
      if (job.type !== 'exact') return runner.run(job, own);
      const [machines] = job.machines;
      return { value: { isComplete: machines! < completeBelow, simulations: 0 }, simulations: 0 };
    },
  } as JobRunner;
  return driveInline(lookCheaper(feasibility, NONE, { from: 0, below: Infinity }), looking, limits);
}

describe('looking at every cheaper placement', () => {
  it('proves a bound also where it could not be done to its end: what was looked at is not enough', () => {
    expect(knownAfter(1)).toMatchObject({ isExhaustive: false, nothingBelow: expect.closeTo(1, 3) });
    expect(knownAfter(2)).toMatchObject({ isExhaustive: false, nothingBelow: expect.closeTo(2, 3) });
    expect(knownAfter(3)).toMatchObject({ isExhaustive: false, nothingBelow: expect.closeTo(3, 3) });
    expect(knownAfter(4)).toEqual({ ...NONE, isExhaustive: true });
  });
});
