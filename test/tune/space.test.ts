import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withSettings } from '../../src/plan/tune/apply.js';
import { shortened } from '../../src/plan/tune/figures.js';
import { specWithLoad } from '../../src/plan/tune/load-point.js';
import { describeSetting, settingKey, settingOf, withSetting } from '../../src/plan/tune/setting.js';
import { spaceSize, tuneSpace } from '../../src/plan/tune/space.js';
import { withCpuDevices } from '../../src/scenario/check/cpu-devices.js';
import { checkScenario } from '../../src/scenario/check.js';
import type { Device, ServedModel } from '../../src/scenario/scenario.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { meanRatePerS } from '../../src/trace/synthesis/mean-rate.js';
import { RESOURCES, scenarioText } from '../scenario/fixtures.js';
import { cases } from '../support/cases.js';
import { config, profile, server } from '../support/scenario.js';

function load(text: string) {
  const document = parseScenarioSpec(text);
  return { spec: document.spec!, scenario: checkScenario(document, RESOURCES).scenario };
}

const CLOSED = '- {name: search, model: resnet, load: {closedLoop: {concurrency: 3}}}';

describe('a setting in words', () => {
  const batching = { preferredBatchSizes: [4, 8], maxQueueDelayUs: 500, maxQueueSize: 0 };

  it('names the preferred sizes where there are any', () => {
    expect(describeSetting({ instances: 2, maxBatchSize: 8, batching })).toBe(
      '2 instances, max batch 8, preferred 4+8, delay 500 µs, no queue limit',
    );
    const none = { ...batching, preferredBatchSizes: [] };
    expect(describeSetting({ instances: 1, maxBatchSize: 0, batching: none })).toBe(
      '1 instance, no batch dimension, delay 500 µs, no queue limit',
    );
  });
});

describe('the space of a scenario', () => {
  it('begins with the settings as they are, and repeats none', () => {
    const { spec, scenario } = load(scenarioText());
    const { models } = tuneSpace(spec, scenario);
    const [model] = models;
    expect(model!.settings[0]).toEqual(settingOf(scenario.servers[0]!.models[0]!));
    expect(withSettings(scenario, { models, loads: [{}] }, { settings: [0], load: 0 })).toEqual(scenario);
    for (const [i, setting] of model!.settings.entries()) {
      expect(model!.settings.findIndex((other) => settingKey(other) === settingKey(setting))).toBe(i);
    }
  });

  it('has more than a thousand points for a model under a sweep of concurrency, as Model Analyzer sweeps', () => {
    const { spec, scenario } = load(scenarioText({ tenants: CLOSED }));
    const space = tuneSpace(spec, scenario, { concurrency: [1, 2, 4, 8, 16] });
    expect(space.loads.map(({ concurrency }) => concurrency)).toEqual([1, 2, 4, 8, 16]);
    expect(spaceSize(space)).toBeGreaterThan(700);
  });

  it('gives replicas of a server the same settings', () => {
    const { spec, scenario } = load(scenarioText({ server: 'replicas: 3' }));
    const space = tuneSpace(spec, scenario, {
      instances: [4],
      maxBatchSizes: [2],
      delaysUs: [0],
      preferred: ['max'],
    });
    const tuned = withSettings(scenario, space, { settings: [1], load: 0 });
    expect(tuned.servers.map(({ models }) => models[0]!.instances.length)).toEqual([4, 4, 4]);
  });

  it('keeps instances of models on the host on the cores that they share, however many there are', () => {
    const computing = profile('net', 2, 0.5, {
      device: 'CPU',
      hostCores: { input: 0, infer: 1, output: 0, response: 0 },
      interference: { self: 1.2, pairs: [] },
    });
    const gpu: Device = { name: 'gpu0', kind: 'Tesla T4', memoryMb: 16_000, sharing: { mode: 'exclusive' } };
    const group = { name: 'net_0', kind: 'KIND_CPU', count: 1, gpus: [], passive: false } as const;
    const net: ServedModel = {
      config: { ...config('net', 8, {}), instanceGroups: [group] },
      instances: [{ device: -1, profile: computing }],
    };
    const { devices, models } = withCpuDevices([gpu], [net], 2);
    const host = { ...server('s', { models: [] }), devices, models };
    const { instances } = withSetting(models[0]!, { ...settingOf(net), instances: 3 }, host);
    expect(instances.map(({ device }) => devices[device]?.name)).toEqual(['cpu', 'cpu', 'cpu']);
  });

  it('offers no further instances where each would need an exclusive device of its own', () => {
    const { spec, scenario } = load(
      scenarioText({ devices: '[{name: gpu0, kind: Tesla P4, sharing: exclusive}]' }),
    );
    const counts = tuneSpace(spec, scenario).models[0]!.settings.map(({ instances }) => instances);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(() => tuneSpace(spec, scenario, { instances: [1, 2] })).toThrow('gpu0 is exclusive');
  });

  it('tries every batch also with as many instances as there are now', () => {
    const { spec, scenario } = load(
      scenarioText({
        models: '[{name: resnet, config: {max_batch_size: 8, instance_group: [{kind: KIND_GPU, count: 7}]}}]',
        devices: '[{name: gpu0, kind: Tesla P4, sharing: streams}]',
      }),
    );
    const { settings } = tuneSpace(spec, scenario, { maxBatchSizes: [2] }).models[0]!;
    const counts = settings
      .filter(({ maxBatchSize }) => maxBatchSize === 2)
      .map(({ instances }) => instances);
    expect([...new Set(counts)]).toEqual([1, 2, 3, 4, 5, 7]);
  });

  it('never offers a batch smaller than a request', () => {
    const { spec, scenario } = load(
      scenarioText({
        tenants: '- {name: search, model: resnet, batchSize: 4, load: {closedLoop: {concurrency: 3}}}',
      }),
    );
    const sizes = tuneSpace(spec, scenario).models[0]!.settings.map(({ maxBatchSize }) => maxBatchSize);
    expect(Math.min(...sizes)).toBe(4);
  });

  it.each([
    ['priorities', 'priority_levels: 2, default_priority_level: 2', {}],
    ['timeouts', 'default_queue_policy: {default_timeout_microseconds: 9000}', {}],
    ['an order', 'preserve_ordering: true', {}],
    ['a limit that is asked for', 'max_queue_delay_microseconds: 10', { queueLimits: [8] }],
  ])('keeps the batcher of a batch of one for %s', (_, batching, options) => {
    const { spec, scenario } = load(
      scenarioText({
        models: `[{name: resnet, config: {max_batch_size: 8, dynamic_batching: {${batching}}}}]`,
      }),
    );
    const space = tuneSpace(spec, scenario, { maxBatchSizes: [1], instances: [2], ...options });
    expect(space.models[0]!.settings).toHaveLength(2);
    const tuned = withSettings(scenario, space, { settings: [1], load: 0 });
    const now = scenario.servers[0]!.models[0]!.config.dynamicBatching!;
    const { dynamicBatching, maxBatchSize } = tuned.servers[0]!.models[0]!.config;
    expect(maxBatchSize).toBe(1);
    const { queueLimits: [maxQueueSize] = [0] } = options as { queueLimits?: number[] };
    expect(dynamicBatching).toEqual({
      ...now,
      preferredBatchSizes: [1],
      maxQueueDelayUs: 0,
      defaultQueuePolicy: { ...now.defaultQueuePolicy, maxQueueSize },
    });
  });

  it('has no batcher for a batch of one where it would do nothing', () => {
    const { spec, scenario } = load(
      scenarioText({ models: '[{name: resnet, config: {max_batch_size: 8, dynamic_batching: {}}}]' }),
    );
    const { models } = tuneSpace(spec, scenario, { maxBatchSizes: [1], instances: [2] });
    expect(models[0]!.settings.at(-1)).toEqual({ instances: 2, maxBatchSize: 1 });
  });

  it.each([
    ['a model that nobody serves', { models: ['birds'] }, 'main/resnet'],
    ['clients where nobody waits for answers', { concurrency: [1, 2] }, 'no closed loop'],
  ])('is refused for %s', (_, options, said) => {
    const { spec, scenario } = load(scenarioText());
    expect(() => tuneSpace(spec, scenario, options)).toThrow(said);
  });
});

describe('a setting', () => {
  it('gives the instances that a file with it gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(1, 4, 16),
        fc.constantFrom(0, 250),
        fc.constantFrom('KIND_GPU', 'KIND_CPU'),
        (instances, size, delay, kind) => {
          const written = (count: number, max: number, us: number) =>
            load(
              scenarioText({
                models: `[{name: resnet, config: {max_batch_size: ${max}, instance_group: [{kind: ${kind}, count: ${count}}], dynamic_batching: {preferred_batch_size: [${max}], max_queue_delay_microseconds: ${us}}}}]`,
              }),
            ).scenario;
          const [now, wanted] = [written(2, 8, 100), written(instances, size, delay)];
          const server = now.servers[0]!;
          const model = withSetting(server.models[0]!, settingOf(wanted.servers[0]!.models[0]!), server);
          expect(model).toEqual(wanted.servers[0]!.models[0]);
        },
      ),
      { numRuns: cases(25) },
    );
  });
});

describe('a load point', () => {
  it.each([
    '{kind: poisson, ratePerS: 10}',
    '{kind: mmpp, states: [{ratePerS: 5, meanDwellS: 1}, {ratePerS: 50, meanDwellS: 2}]}',
    '{kind: onOff, onRatePerS: 20, meanOnS: 1, meanOffS: 1}',
    '{kind: diurnal, meanRatePerS: 20, amplitude: 0.5, periodS: 10, peakAtS: 1}',
    '{kind: flashCrowd, baseRatePerS: 5, peakRatePerS: 40, startS: 1, rampUpS: 1, holdS: 1, decayS: 1}',
    '{kind: ramp, fromRatePerS: 1, toRatePerS: 9}',
    '{kind: counts, counts: [1, 0, 7], binS: 2}',
    '{kind: bursty, ratePerS: 10, burstRatio: 5, burstShare: 0.1, meanBurstS: 1}',
  ])('multiplies the mean rate of %s', (process) => {
    const { spec } = load(
      scenarioText({ tenants: `- {name: search, model: resnet, load: {process: ${process}}}` }),
    );
    const scaled = specWithLoad(spec, { rateFactor: 2.5 });
    const rate = (one: typeof spec) => meanRatePerS(one.tenants[0]!.load.process!, 10);
    expect(rate(scaled)).toBeCloseTo(2.5 * rate(spec), 9);
  });

  it('changes closed loops by their clients and leaves rates alone', () => {
    const { spec } = load(scenarioText({ tenants: CLOSED }));
    const changed = specWithLoad(spec, { concurrency: 9, rateFactor: 3 });
    expect(changed.tenants[0]!.load).toEqual({
      closedLoop: { concurrency: 9, thinkMs: 0, thinkLaw: 'constant' },
    });
  });
});

describe('a shortened run', () => {
  it('keeps the warm-up and the first part of what is counted, arrivals and all', () => {
    const { scenario } = load(scenarioText({ top: 'warmUpS: 2' }));
    const short = shortened(scenario, 0.25);
    expect(short.durationUs).toBe(4_000_000);
    const { load: whole } = scenario.tenants[0]!;
    const { load: part } = short.tenants[0]!;
    if (whole.mode !== 'open' || part.mode !== 'open') throw new Error('the load is open');
    expect([...part.trace.arrivalUs]).toEqual([...whole.trace.arrivalUs].filter((us) => us < 4_000_000));
    expect(shortened(scenario, 1)).toBe(scenario);
  });
});
