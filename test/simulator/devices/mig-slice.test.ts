import { describe, expect, it } from 'vitest';
import type { Sharing } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

const SLICE: Sharing = { mode: 'mig', parent: 'gpu', computeSlices: 1 };

/** Milliseconds that two executions of one model take that begin together; each fills that share of the device. */
function togetherMs(fill: number, sharing: Sharing): number {
  const plain = profile('m', 10, 0);
  const service = plain.service.map((point) => ({ ...point, deviceMs: fill * point.inferMs }));
  const model = { config: config('m', 1), profile: { ...plain, service }, instances: 2 };
  const spec = scenario([server('s', { models: [model], sharing })], [tenant('t', 'm', arrivals([0, 0]))], 1);
  return Math.max(...simulate(spec).log.endedUs) / 1000;
}

describe('a MIG slice', () => {
  it('is shared by the instances on it as a GPU is by its streams', () => {
    for (const fill of [0.2, 0.5, 1]) {
      expect(togetherMs(fill, SLICE)).toBe(togetherMs(fill, { mode: 'streams' }));
    }
  });

  it('slows instances by the starts of their kernels where there is room, and gives each half where one fills it', () => {
    expect(togetherMs(0.1, SLICE)).toBeCloseTo(12.33, 2);
    expect(togetherMs(0.5, SLICE)).toBeCloseTo(12.33, 2);
    expect(togetherMs(1, SLICE)).toBeCloseTo(20, 3);
  });
});
