import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { fitDelays } from '../../../src/calibrate/fit/delays.js';
import { config, profile } from '../../support/scenario.js';
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
