import { describe, expect, it } from 'vitest';
import { type ModelConfig, NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { configDifferences } from '../../src/validate/config-differences.js';
import { config } from '../support/scenario.js';

const withInstances = (of: ModelConfig, count: number): ModelConfig => ({
  ...of,
  instanceGroups: [
    { name: 'g', kind: 'KIND_CPU', count, gpus: [], passive: false },
  ] as unknown as ModelConfig['instanceGroups'],
});

describe('configurations of a server and a scenario', () => {
  it('are the same where all that decides scheduling is', () => {
    expect(configDifferences(config('m', 8, {}), config('other', 8, {}))).toEqual([]);
  });

  it.each([
    ['max_batch_size', config('m', 8, {}), config('m', 4, {})],
    ['instances', withInstances(config('m', 8, {}), 2), withInstances(config('m', 8, {}), 1)],
    ['preferred_batch_size', config('m', 8, { preferredBatchSizes: [4] }), config('m', 8, {})],
    ['max_queue_delay_microseconds', config('m', 8, { maxQueueDelayUs: 100 }), config('m', 8, {})],
    ['preserve_ordering', config('m', 8, { preserveOrdering: true }), config('m', 8, {})],
    ['default_priority_level', config('m', 8, { defaultPriorityLevel: 1 }), config('m', 8, {})],
    ['priority_levels', config('m', 8, { priorityLevels: 2 }), config('m', 8, {})],
    [
      'default_queue_policy',
      config('m', 8, { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 3 } }),
      config('m', 8, {}),
    ],
    [
      'priority_queue_policy',
      config('m', 8, { priorityQueuePolicy: new Map([[1, { ...NO_QUEUE_POLICY, maxQueueSize: 3 }]]) }),
      config('m', 8, {}),
    ],
  ])('differ in %s, which is told with both values', (field, live, simulated) => {
    const [told, ...others] = configDifferences(live, simulated);
    expect(others).toEqual([]);
    expect(told).toMatch(new RegExp(`^${field} is .+ on the server and .+ in the scenario$`));
  });

  it('differ where only one of them has a dynamic batcher', () => {
    const told = configDifferences(config('m', 8, {}), config('m', 8));
    expect(told[0]).toBe('dynamic_batching is true on the server and false in the scenario');
  });
});
