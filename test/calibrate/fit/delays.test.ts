import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { fitDelays } from '../../../src/calibrate/fit/threads/delays.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { type ModelConfig, NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { config, profile } from '../../support/scenario.js';
import { clientOf, counted, observed } from './observed.js';
import { type KnownServer, SERVING, simulatedObservation } from './simulated-observations.js';

const MEASURED = { device: 'CPU', response: { fixedUs: 90, perRequestUs: 10, perKilobyteUs: 0 } };

/** Two models whose instances go on 90 us after an execution, one of them under the default scheduler. */
const KNOWN: KnownServer = {
  models: [
    { config: config('dynamic', 8, {}), profile: profile('dynamic', 2, 0.25, MEASURED) },
    { config: config('plain', 8), profile: profile('plain', 2, 0.25, MEASURED) },
  ],
  serving: SERVING,
};

describe('the time after an execution', () => {
  const experiments = ['dynamic', 'plain'].flatMap((model): Experiment[] => [
    { kind: 'sequential', id: `${model}/sequential-1`, model, batchSize: 1 },
    { kind: 'saturated', id: `${model}/saturated-8`, model, batchSize: 8, concurrency: 3 },
  ]);
  const observations = experiments.map((experiment) => simulatedObservation(KNOWN, experiment, 5));
  const configs = KNOWN.models.map((each) => each.config);
  const { afterExecutionUs, serving } = fitDelays(observations, configs);

  it('holds the waking of the batcher, as long as a thread takes to wake', () => {
    expect(serving.batcherSignalUs).toBe(serving.batcherWakeUs);
    expect(Math.abs(afterExecutionUs.get('dynamic')! - 90)).toBeLessThan(10);
  });

  it('of a model that had no batcher is what it would be with one', () => {
    const more = afterExecutionUs.get('plain')! - afterExecutionUs.get('dynamic')!;
    expect(Math.abs(more - serving.batcherSignalUs!)).toBeLessThan(5);
  });
});

describe('what each request takes after an execution', () => {
  const RELEASED = { ...MEASURED, response: { ...MEASURED.response, releaseUs: 20 } };
  const known: KnownServer = {
    models: [{ config: config('m', 8, {}), profile: profile('m', 2, 0.25, RELEASED) }],
    serving: SERVING,
  };
  const whole: Experiment = {
    kind: 'saturated',
    id: 'm/saturated-8',
    model: 'm',
    batchSize: 8,
    concurrency: 3,
  };
  const many: Experiment = { kind: 'backlog', id: 'm/backlog', model: 'm', batchSize: 1, concurrency: 24 };
  const sequentialOnes: Experiment = { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 };
  const measured = [sequentialOnes, whole, many].map((each) => simulatedObservation(known, each, 5));
  const configs = known.models.map((each) => each.config);

  it('is what a batch of many requests takes longer than one of as many inferences in one', () => {
    const { releaseUs, afterExecutionUs } = fitDelays(measured, configs);
    expect(Math.abs(releaseUs.get('m')! - 20)).toBeLessThan(2);
    expect(Math.abs(afterExecutionUs.get('m')! - 90)).toBeLessThan(12);
  });

  it('is that of the others where it was not measured, and nothing under the default scheduler', () => {
    const { releaseUs } = fitDelays(measured, [...configs, config('unmeasured', 8, {}), config('plain', 8)]);
    expect(releaseUs.get('unmeasured')).toBe(releaseUs.get('m'));
    expect(releaseUs.has('plain')).toBe(false);
  });
});

/** A single client whose requests were in the queue for so long, executions of 1 ms. */
function sequential(model: string, queueUs: number, batchSize = 1): Observation {
  return observed(
    { kind: 'sequential', id: `${model}/sequential-${batchSize}`, model, batchSize },
    { statistics: [counted(model, 1000, 1000, 1000 + queueUs)], clients: [clientOf(model, 1000 + queueUs)] },
  );
}

/** Three clients of an instance that executes 5000 times in 10 s, each for so long; their requests wait for two cycles. */
function saturated(model: string, inferUs: number, { batchSize = 1, queueUs = 4000 } = {}): Observation {
  const client = { ...clientOf(model, inferUs + queueUs), batchSize, completed: 5000 };
  return observed(
    { kind: 'saturated', id: `${model}/saturated-${batchSize}`, model, batchSize, concurrency: 3 },
    { statistics: [counted(model, 5000, inferUs, inferUs + queueUs)], clients: [client] },
  );
}

describe('the cycle of an instance that is never without work', () => {
  /** An instance that goes on needs 5 us for it anyway. */
  const afterUs = (points: readonly Observation[], of: ModelConfig = config('m', 8, {})) =>
    fitDelays(points, [of]).afterExecutionUs.get('m');

  it('less what it executes is the time after an execution', () => {
    expect(afterUs([saturated('m', 1800)])).toBe(195);
  });

  it('is as many times as long as there are instances', () => {
    const twice = { ...config('m', 8, {}), instanceGroups: [{ kind: 'KIND_CPU', count: 2, gpus: [] }] };
    expect(afterUs([saturated('m', 3800)], twice as unknown as ModelConfig)).toBe(195);
  });

  it('of two sizes of batches is that of two inferences, on the line between them where it rises', () => {
    expect(afterUs([saturated('m', 1900), saturated('m', 1760, { batchSize: 8 })])).toBe(95 + 20);
    expect(afterUs([saturated('m', 1760), saturated('m', 1900, { batchSize: 8 })])).toBe(95);
  });

  it('says nothing where requests hardly wait: the instance waits for clients', () => {
    const { measuredModels } = fitDelays([saturated('m', 1800, { queueUs: 900 })], [config('m', 8, {})]);
    expect(measuredModels).toEqual([]);
  });

  it('holds a turn of batcher and instance where payloads are bound late', () => {
    const late = config('m', 8, { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 64 } });
    expect(afterUs([sequential('m', 60), saturated('m', 1800)], late)).toBe(195 - 60);
  });
});

describe('the waking of threads', () => {
  const wakesOf = (points: readonly Observation[], configs: readonly ModelConfig[]) => {
    const { batcherWakeUs, instanceWakeUs, timerSlackUs } = fitDelays(points, configs).serving;
    return { batcherWakeUs, instanceWakeUs, timerSlackUs };
  };
  const dynamic = config('d', 8, {});
  const plain = config('p', 8);

  it('is what a single client waits in the queue: of an instance, under dynamic batching of a batcher as well', () => {
    const both = { batcherWakeUs: 25, instanceWakeUs: 25 };
    expect(wakesOf([sequential('d', 50)], [dynamic])).toMatchObject(both);
    expect(wakesOf([sequential('p', 25)], [plain])).toMatchObject(both);
  });

  it('is one number for both: the median over models under either scheduler', () => {
    const points = [sequential('d', 50), sequential('p', 20)];
    expect(wakesOf(points, [dynamic, plain])).toMatchObject({ batcherWakeUs: 22.5, instanceWakeUs: 22.5 });
  });

  it('takes a batcher some time always', () => {
    expect(wakesOf([sequential('d', 0)], [dynamic]).batcherWakeUs).toBeGreaterThan(0);
  });

  it('comes after the delay of a queue, but not for batches that leave at once: preferred ones and full ones', () => {
    const held = config('d', 8, { maxQueueDelayUs: 500, preferredBatchSizes: [4] });
    const points = [sequential('d', 540), sequential('d', 50, 4), sequential('d', 50, 8)];
    expect(wakesOf(points, [held])).toEqual({ batcherWakeUs: 25, instanceWakeUs: 25, timerSlackUs: 15 });
    // Nothing that may still come makes a preferred batch of six.
    const beyond = [...points, sequential('d', 50, 6)];
    expect(wakesOf(beyond, [held])).toEqual(wakesOf(points, [held]));
  });
});
