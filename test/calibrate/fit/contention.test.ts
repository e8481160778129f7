import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { contentionOf, withoutContention } from '../../../src/calibrate/fit/interference/contention.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { config, profile } from '../../support/scenario.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

const CONFIG = config('m', 8);
const TAKEN = { ...SERVING, requestCpuUs: 250, executionCpuUs: 150, clientCpuUs: 250 };
/** A small network: 1 ms, of which front end and client take as much again for a few requests. */
const NETWORK = networkWith({});

function networkWith(more: Partial<ModelProfile>): ModelProfile {
  return profile('m', 0.8, 0.2, {
    device: 'CPU',
    hostCores: { input: 0, infer: 2, output: 0, response: 0 },
    interference: { pairs: [] },
    serving: TAKEN,
    ...more,
  });
}

const DENSE: Experiment = { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 };
const ALONE: Experiment = { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 };

function measured(experiment: Experiment): Observation {
  return simulatedObservation(
    { models: [{ config: CONFIG, profile: NETWORK }], serving: SERVING },
    experiment,
    20,
  );
}

describe('executions that compute where front end and client need the same cores', () => {
  const [dense, alone] = [measured(DENSE), measured(ALONE)];
  const denseMs = meanSingleUs(dense.statistics)! / 1000;
  const aloneMs = meanSingleUs(alone.statistics)! / 1000;
  const knownMs = NETWORK.service[0]!.inferMs;
  const slower = networkWith({
    service: NETWORK.service.map((point) => ({ ...point, inferMs: (point.inferMs * denseMs) / knownMs })),
  });
  const found = contentionOf([dense, alone], { config: CONFIG, profile: slower });

  it('take longer than by themselves', () => {
    expect(denseMs).toBeGreaterThan(1.05 * knownMs);
    expect(aloneMs).toBeGreaterThan(1.05 * knownMs);
  });

  it('are told from what they would take by themselves, which is what a profile says', () => {
    const [single] = withoutContention(slower, found).service;
    expect(Math.abs(single!.inferMs / knownMs - 1)).toBeLessThan(0.015);
  });

  it('take longer under a sparse load by its rate', () => {
    const perS = alone.clients[0]!.sentUs!.length / alone.durationS;
    expect(Math.abs((knownMs * (1 + found.perRequestPerS * perS)) / aloneMs - 1)).toBeLessThan(0.015);
  });
});

describe('there is no contention', () => {
  const none = { dense: 1, perRequestPerS: 0 };
  const points = [measured(DENSE), measured(ALONE)];

  it('for executions that only wait', () => {
    const waiting = networkWith({ hostCores: { input: 0, infer: 0, output: 0, response: 0 } });
    expect(contentionOf(points, { config: CONFIG, profile: waiting })).toEqual(none);
  });

  it('for those on a GPU', () => {
    const instanceGroups = [{ name: '', count: 1, kind: 'KIND_GPU' as const, gpus: [0], passive: false }];
    expect(contentionOf(points, { config: { ...CONFIG, instanceGroups }, profile: NETWORK })).toEqual(none);
  });

  it('where nothing was measured under arrivals that are known', () => {
    const unknown = points.map(({ clients, ...point }) => ({
      ...point,
      clients: clients.map(({ sentUs: _, ...client }) => client),
    }));
    expect(contentionOf([], { config: CONFIG, profile: NETWORK })).toEqual(none);
    expect(contentionOf(unknown, { config: CONFIG, profile: NETWORK })).toEqual(none);
  });
});
