import { describe, expect, it } from 'vitest';
import { patientTable } from '../../src/plan/search/columns.js';
import { JobRunner } from '../../src/plan/search/jobs.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from './small-plans.js';

const FOREVER = { remainingS: () => 1000 };

/** What the search finds of how full devices may be, for so many models of which no two keep their promises together. */
function fillOf(models: number) {
  const names = Array.from({ length: models }, (_, i) => `m${i}`);
  const profiles = names.map((name) => linearProfile(name, 'gpu', { fixedMs: 5, perItemMs: 0 }));
  const plan = {
    machines: machinesFor(profiles, { limit: 50 }),
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
  const problem = smallPlan([], profiles, plan, { all: traceAt(times, 6) });
  const runner = new JobRunner(problem);
  const rows = names.map((_, demand) => runner.run({ type: 'alone', demand, quick: true }, FOREVER).value);
  return runner.run({ type: 'fill', kind: 0, alone: patientTable(problem, rows) }, FOREVER);
}

describe('the first look at how full devices may be', () => {
  it('asks of a fill no longer than it takes to see that too many devices fail', () => {
    // In pairs they are nearly full. Twelve devices of each fill would be looked at, of which the third that fails is one too many.
    const { value, simulations } = fillOf(24);
    expect(value[0]).toBeLessThan(0.96);
    expect(simulations).toBeLessThan(12);
  });
});
