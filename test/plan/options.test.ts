import { describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { slotsOf } from '../../src/plan/placement.js';
import { aloneRow } from '../../src/plan/search/alone-row.js';
import { SlotFeasibility } from '../../src/plan/search/slot-feasibility.js';
import { searched } from './support/answered.js';
import { linearProfile, smallPlan } from './support/small-plans.js';

const PROFILES = [linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 1 })];

/** Batch size and queue delay of every option, as `8/2`. */
function optionsOf(batching: Record<string, unknown>): readonly string[] {
  const { options } = smallPlan([{ model: 'a', ratePerS: 10, limitMs: 50 }], PROFILES, { batching });
  return options.map(({ maxBatchSize, queueDelayMs }) => `${maxBatchSize}/${queueDelayMs}`);
}

describe('the ways in which a model may be served', () => {
  it('hold batches of one without a delay, whatever the delays that are allowed', () => {
    expect(optionsOf({ maxBatchSizes: [1, 4], queueDelaysMs: [5] })).toEqual(['1/0', '4/5']);
    expect(optionsOf({ maxBatchSizes: [1, 4], queueDelaysMs: [2, 0] })).toEqual(['1/0', '4/0', '4/2']);
  });

  it('are never none', () => {
    expect(optionsOf({ maxBatchSizes: [1], queueDelaysMs: [2, 5] })).toEqual(['1/0']);
  });

  it('are by default those up to the largest batch that a model was measured with, or that a request needs', () => {
    const measured = (sizes: readonly number[], batchSize = 1) => {
      const profile = linearProfile('a', 'gpu', { fixedMs: 1, perItemMs: 1 });
      const service = sizes.map((size) => ({ ...profile.service[0]!, batchSize: size }));
      const { tenants } = withRequestsOf(batchSize);
      const { options } = smallPlan([], [{ ...profile, service }], { durationS: 4, batching: {}, tenants });
      return options.map(({ maxBatchSize }) => maxBatchSize);
    };
    expect(measured([1, 8])).toEqual([1, 4, 8]);
    expect(measured([1, 128])).toEqual([1, 4, 8, 16, 32]);
    expect(measured([2])).toEqual([1]);
    expect(measured([1, 4], 9)).toEqual([1, 4, 8, 16]);
  });

  const withRequestsOf = (batchSize: number) => ({
    durationS: 4,
    batching: { maxBatchSizes: [1, 2, 8] },
    tenants: [
      {
        name: 'a',
        model: 'a',
        batchSize,
        load: { process: { kind: 'poisson', ratePerS: 20 } },
        slo: { percentile: 99, limitMs: 12 },
      },
    ],
  });

  it('hold every request: smaller batches are not simulated', async () => {
    const problem = smallPlan([], PROFILES, withRequestsOf(4));
    const [alone] = aloneRow(new SlotFeasibility(problem), 0, { look: 'whole' });
    expect(alone!.option.maxBatchSize).toBe(8);
    const { best } = searched(problem, await loadSolver(), 200);
    const modelReplicas = slotsOf(best!).flatMap((slot) => slot.modelReplicas);
    expect(modelReplicas.map(({ option }) => option.maxBatchSize)).toEqual([8]);
  });

  it('are refused where none holds a request', () => {
    expect(() => smallPlan([], PROFILES, withRequestsOf(9))).toThrow(
      'batching.maxBatchSizes: "a" gets requests of 9 inferences, more than any of the batches',
    );
  });
});
