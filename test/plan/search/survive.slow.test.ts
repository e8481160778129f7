import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { answered } from '../support/answered.js';
import { expectSurvives, onSlices, onTwoGpus, tenant } from '../support/survive-plans.js';

it('a plan that is to survive a failure meets every SLO after every failure, or has no answer, whatever the models', async () => {
  const solve = await loadSolver();
  const models = fc.array(fc.integer({ min: 5, max: 380 }), { minLength: 1, maxLength: 3 });
  const setting = fc.constantFrom('gpu', 'machine', 'slice');
  fc.assert(
    fc.property(models, setting, (rates, kind) => {
      const tenants = rates.map((ratePerS, i) => tenant('abc'[i]!, ratePerS));
      const problem = kind === 'slice' ? onSlices(tenants) : onTwoGpus(tenants, { survive: kind });
      const result = answered(problem, solve);
      if (result.best !== undefined) expectSurvives(problem, result, kind === 'machine' ? 'machine' : 'gpu');
      expect(result.bound).toBeLessThanOrEqual(result.goal + 1e-6);
    }),
    { numRuns: 12 },
  );
}, 300_000);
