import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { withoutContention } from '../../../src/calibrate/fit/interference/contention.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { serviceTime } from '../../../src/profile/service-time.js';
import { config, profile } from '../../support/scenario.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

const CONFIG = config('m', 8, {});
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
const FULL: Experiment = { kind: 'backlog', id: 'm/backlog', model: 'm', batchSize: 1, concurrency: 24 };

function measured(experiment: Experiment): Observation {
  return simulatedObservation(
    { models: [{ config: CONFIG, profile: NETWORK }], serving: SERVING },
    experiment,
    20,
  );
}

describe('executions that compute where front end and client need the same cores', () => {
  const points = [measured(DENSE), measured(ALONE), measured(FULL)];
  const found = withoutContention(points, { config: CONFIG, profile: NETWORK });
  const loads = [
    ['a dense load', 0, 1],
    ['a sparse load', 1, 1],
    ['clients that always wait', 2, 8],
  ] as const;
  const ratioOf = ({ statistics }: Observation, size: number) => {
    const single = meanSingleUs(statistics, size)! / 1000;
    return single / serviceTime(NETWORK, size).inferMs;
  };

  it.each(loads)('take longer than by themselves under %s', (_, i, size) => {
    expect(ratioOf(points[i]!, size)).toBeGreaterThan(1.05);
  });

  it.each(loads)('are told from what they would take by themselves under %s', (_, i, size) => {
    expect(Math.abs(ratioOf(found[i]!, size) - 1)).toBeLessThan(0.015);
  });

  it('are so in slices and turns as well, and other models of a point are as they were', () => {
    const [dense] = points;
    const { statistics } = dense!;
    const counted = [...statistics, { ...statistics[0]!, model: 'other' }];
    const point = {
      ...dense!,
      statistics: counted,
      slices: counted,
      turns: [{ turn: 'both' as const, statistics: counted }],
    };
    const [{ slices, turns }] = withoutContention([point], { config: CONFIG, profile: NETWORK }) as [
      Observation,
    ];
    expect(slices![0]!.batches).toEqual(found[0]!.statistics[0]!.batches);
    expect(turns![0]!.statistics).toEqual(slices);
    expect(slices![1]).toEqual(counted[1]);
  });
});

describe('there is no contention', () => {
  const points = [measured(DENSE), measured(ALONE)];

  it('for executions that only wait', () => {
    const waiting = networkWith({ hostCores: { input: 0, infer: 0, output: 0, response: 0 } });
    expect(withoutContention(points, { config: CONFIG, profile: waiting })).toBe(points);
  });

  it('for those on a GPU', () => {
    const instanceGroups = [{ name: '', count: 1, kind: 'KIND_GPU' as const, gpus: [0], passive: false }];
    expect(withoutContention(points, { config: { ...CONFIG, instanceGroups }, profile: NETWORK })).toBe(
      points,
    );
  });

  it('where nothing was measured under arrivals that are known', () => {
    const unknown = points.map(({ clients, ...point }) => ({
      ...point,
      clients: clients.map(({ sentUs: _, ...client }) => client),
    }));
    expect(withoutContention(unknown, { config: CONFIG, profile: NETWORK })).toEqual(unknown);
  });
});
