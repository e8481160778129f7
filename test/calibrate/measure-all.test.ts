import { expect, test, vi } from 'vitest';
import { measureAll } from '../../src/calibrate/calibrate.js';
import { DEFAULT_DESIGN, type Experiment } from '../../src/calibrate/experiment.js';
import { GeneratorBehind } from '../../src/calibrate/measure-part.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { config } from '../support/scenario.js';

vi.mock('../../src/calibrate/measure.js', () => ({
  measure: async (experiment: Experiment) => {
    if (experiment.kind === 'saturated') throw new GeneratorBehind('the load generator fell behind');
    return { experiment };
  },
}));

test('where the generator falls behind at every saturated point, loads at a share of the capacity are left out with the reason', async () => {
  const saved: Observation[] = [];
  const { leftOut, interrupted } = await measureAll({
    client: {} as never,
    configs: [config('m', 2)],
    design: DEFAULT_DESIGN,
    budgetS: 1000,
    isLocal: true,
    store: {
      read: async () => [],
      save: async (observation) => void saved.push(observation),
      noteBorrowed: async () => {},
    },
  });
  expect(interrupted).toBe(false);
  expect(saved.map(({ experiment }) => experiment.kind)).toEqual([
    'sequential',
    'sequential',
    'alone',
    'alone',
  ]);
  expect(leftOut).toEqual([
    'm/saturated-2 (the load generator fell behind 3 times)',
    'm/saturated-1 (the load generator fell behind 3 times)',
    'm/poisson-60 (what m can do is not known)',
    'm/poisson-75 (what m can do is not known)',
  ]);
});
