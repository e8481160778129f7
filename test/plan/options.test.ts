import { describe, expect, it } from 'vitest';
import { linearProfile, smallPlan } from './small-plans.js';

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
});
