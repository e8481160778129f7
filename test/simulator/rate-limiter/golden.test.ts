import { describe, expect, it } from 'vitest';
import type { GroupLimits, ModelConfig, SequenceBatching } from '../../../src/scenario/model-config.js';
import { demandOf } from '../../../src/scenario/rate-limits.js';
import type { LimitedResource, Load, ServedModel } from '../../../src/scenario/scenario.js';
import { partition } from '../../../src/simulator/partition.js';
import { simulate, simulateComponent } from '../../../src/simulator/simulate.js';
import { check, problemsOf, scenarioText } from '../../scenario/fixtures.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

// Expectations of Triton's own tests: qa/L0_rate_limiter/test.sh and rate_limiter_test.py.

const FIRST: GroupLimits = { resources: [{ name: 'resource1', count: 4, global: false }], priority: 1 };
const SECOND: GroupLimits = {
  resources: [
    { name: 'resource1', count: 2, global: false },
    { name: 'resource2', count: 2, global: true },
  ],
  priority: 2,
};
const SIX = [
  { name: 'resource1', count: 6 },
  { name: 'resource2', count: 2 },
];
const FOUR = [
  { name: 'resource1', count: 4 },
  { name: 'resource2', count: 2 },
];

/** A model whose executions take 100 ms, with an instance for each of these groups. */
function model(name: string, groups: readonly GroupLimits[], more: Partial<ModelConfig> = {}, fixedMs = 100) {
  const served: Partial<ServedModel> = {
    instances: groups.map((group) => ({
      device: 0,
      profile: profile(name, fixedMs, 0),
      limits: { demand: demandOf(group, 0), priority: group.priority },
    })),
  };
  return { config: { ...config(name, 4), ...more }, profile: profile(name, fixedMs, 0), more: served };
}

/** A client that keeps 8 requests in flight, `_inference_concurrency`. */
const EIGHT: Load = {
  mode: 'closed',
  concurrency: 8,
  thinkTime: { law: 'constant', meanUs: 0 },
  maxRequests: Number.POSITIVE_INFINITY,
};

function run(
  models: readonly ReturnType<typeof model>[],
  resources: readonly LimitedResource[],
  load: Load = EIGHT,
  s = 30,
) {
  const plain = server('s', { models });
  const served = { ...plain, options: { ...plain.options, rateLimit: { resources } } };
  const tenants = models.map(({ config: { name } }, m) =>
    tenant(name, name, load, { targets: [{ server: 0, model: m }] }),
  );
  const spec = scenario([served], tenants, s);
  const { executions } = simulateComponent(spec, partition(spec)[0]!);
  return { ...simulate(spec), instances: executions.instance.subarray(0, executions.length) };
}

/** Requests of each of two models that are answered of those sent until one has sent 80, `_inference_count`. */
function stress(resources: readonly LimitedResource[]): number[] {
  const { log } = run([model('custom', [FIRST]), model('custom_v2', [SECOND])], resources);
  const sent = [0, 0];
  for (const tenant of log.tenant) {
    sent[tenant]!++;
    if (sent[tenant] === 80) return sent;
  }
  throw new Error('the run is too short');
}

describe('test_cross_model_prioritization', () => {
  it.each([
    ['explicit', FOUR],
    ['implicit', []],
  ])('limited_resource, %s: the first model executes about twice as often', (_, resources) => {
    const [first, second] = stress(resources);
    expect(first! / second!).toBeGreaterThan(1.8);
    expect(first! / second!).toBeLessThan(2.2);
  });

  it('plenty_resource: both execute at the same time, and as often', () => {
    const [first, second] = stress(SIX);
    expect(Math.abs(first! - second!)).toBeLessThan(10);
  });
});

describe('test_single_model', () => {
  const both = [FIRST, SECOND];
  const lastMs = (resources: readonly LimitedResource[]) => {
    const load = arrivals(new Float64Array(80));
    const { log } = run([model('custom', both)], resources, load);
    expect(log.outcome.length).toBe(80);
    return Math.max(...log.endedUs) / 1000;
  };

  it('with limited resources one instance executes at a time, with plenty both do', () => {
    expect(lastMs([])).toBe(8000);
    expect(lastMs(SIX)).toBe(4000);
  });

  it('of two instances that cannot execute at once, the one of priority 2 executes half as often', () => {
    const { instances } = run([model('custom', both)], [], arrivals(new Float64Array(60)));
    const seconds = instances.reduce((sum, instance) => sum + instance, 0);
    expect([60 - seconds, seconds]).toEqual([40, 20]);
  });
});

describe('test_single_model_dynamic_batching', () => {
  it('forms full batches only, as the second instance cannot execute', () => {
    const dynamicBatching = { preferredBatchSizes: [1, 2, 3, 4], maxQueueDelayUs: 5_000_000 };
    const batched = { ...config('custom', 4, dynamicBatching), instanceGroups: [] };
    // Eight requests at once, as TRITONSERVER_DELAY_SCHEDULER=8 has it; then one every 100 ms while 8 are in flight.
    const times = Array.from({ length: 80 }, (_, i) =>
      i < 8 ? 0 : (Math.floor((i - 4) / 4) + (i % 4) / 10) * 1e6,
    );
    const { executions } = run([model('custom', [FIRST, SECOND], batched, 1000)], [], arrivals(times));
    expect(executions[0]!.byBatchSize).toEqual([0, 0, 0, 0, 20]);
  });
});

describe('test_single_model_sequence_batching', () => {
  const sequences: SequenceBatching = {
    kind: 'direct',
    maxSequenceIdleUs: 1e6,
    slots: 1,
    maxQueueDelayUs: 0,
    minSlotUtilization: 0,
  };

  it.each(['direct', 'oldest'] as const)('%s: all requests of a sequence go to one instance', (kind) => {
    const { minSlotUtilization, ...same } = sequences;
    const batching: SequenceBatching =
      kind === 'direct' ? sequences : { ...same, kind, preferredBatchSizes: [1] };
    const flags = Uint16Array.from({ length: 9 }, (_, i) => (i === 0 ? 1 : i === 8 ? 2 : 0));
    const load = arrivals(
      Array.from({ length: 9 }, (_, i) => i),
      { sequenceId: new Float64Array(9).fill(1), sequenceFlags: flags },
    );
    const limited = model('sequence', [SECOND, FIRST, FIRST], { maxBatchSize: 1, sequences: batching });
    const { log, executions, instances } = run([limited], [], load);
    expect(executions[0]!.byBatchSize[1]).toBe(9);
    expect(new Set(instances)).toEqual(new Set([0]));
    expect(Math.max(...log.endedUs)).toBe(900_000);
  });
});

describe('a server does not start', () => {
  const group = (limits: string) => `instance_group: [{kind: KIND_GPU, count: 1, rate_limiter: {${limits}}}]`;
  const models = (second: string) => `
      - {name: resnet, config: {max_batch_size: 4, ${group('resources: [{name: resource1, count: 4}]')}}}
      - {name: bert, config: {max_batch_size: 4, ${group(second)}}}`;
  const two =
    'resources: [{name: resource1, count: 2}, {name: resource2, global: true, count: 2}], priority: 2';
  const started = (resources: string, second = two) =>
    problemsOf(
      scenarioText({
        models: models(second),
        server: `triton: {rateLimit: execution_count${resources}}`,
      }),
    ).join('\n');
  const limitedTo = (count: number) =>
    `Resource count for "resource1" is limited to ${count} which will prevent scheduling of one or more model instances, the minimum required count is 4`;

  it.each([
    ['both resources less than required', ', rateLimitResources: [{name: resource1, count: 1}]', 1],
    [
      'resources that are enough for one model only',
      ', rateLimitResources: [{name: resource1, count: 3}, {name: resource2, count: 2}]',
      3,
    ],
    [
      'a resource of another device only',
      ', rateLimitResources: [{name: resource1, count: 10, device: 10}, {name: resource2, count: 2}]',
      0,
    ],
  ])('with %s', (_, resources, count) => {
    expect(started(resources)).toContain(limitedTo(count));
  });

  it('with a resource that is both global and of a device', () => {
    expect(started('', two)).toBe('');
    const third = `
      - {name: third, profile: bert, config: {max_batch_size: 4, ${group(two.replace('true', 'false'))}}}`;
    const text = scenarioText({
      models: models(two) + third,
      server: 'triton: {rateLimit: execution_count}',
    });
    expect(problemsOf(text).join('\n')).toContain(
      'Resource "resource2" is present as both global and device-specific resource in the model configuration',
    );
  });

  it('and one that does has what its groups say', () => {
    const { scenario: checked } = check(
      scenarioText({ models: models(two), server: 'triton: {rateLimit: execution_count}' }),
    );
    expect(checked.servers[0]!.options.rateLimit).toEqual({ resources: [] });
    expect(checked.servers[0]!.models[1]!.instances[0]!.limits).toEqual({
      demand: new Map([
        ['0 resource1', 2],
        ['global resource2', 2],
      ]),
      priority: 2,
    });
  });
});
