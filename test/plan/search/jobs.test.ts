import { expect, it } from 'vitest';
import { JobRunner } from '../../../src/plan/search/jobs.js';
import { linearProfile, smallPlan } from '../support/small-plans.js';

const FOREVER = { remainingS: () => 1000 };

it('a job has the same answer whichever jobs its thread had before', () => {
  const problem = smallPlan(
    [{ model: 'a', ratePerS: 20, limitMs: 100 }],
    [linearProfile('a', 'gpu', { fixedMs: 2, perItemMs: 0.1 })],
  );
  const alone = { type: 'alone', workload: 0, look: 'whole' } as const;
  const runner = new JobRunner(problem);
  const first = runner.run(alone, FOREVER).value;
  const slot = { kind: 0, modelReplicas: [{ workload: 0, ...first[0]! }] };
  runner.run({ type: 'repair', slots: [slot], forbidden: [slot] }, FOREVER);
  expect(runner.run(alone, FOREVER).value).toEqual(first);
  const other = runner.run({ ...alone, forbidden: [slot] }, FOREVER).value;
  expect(other).not.toEqual(first);
  expect(new JobRunner(problem).run({ ...alone, forbidden: [slot] }, FOREVER).value).toEqual(other);
});
