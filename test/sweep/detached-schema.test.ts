import { describe, expect, it } from 'vitest';
import { prepareSweep } from '../../src/node/sweep/prepare-sweep.js';
import { detachedScenarioSchema } from '../../src/sweep/detached-schema.js';

const SHIPPED = ['batching', 'colocation', 'gpu-choice'];

describe('the scenario of a point', () => {
  it.each(SHIPPED)('of the sweep %s is taken as it is', async (name) => {
    const { points } = await prepareSweep(`examples/sweeps/${name}.yaml`);
    for (const { scenario } of points) expect(detachedScenarioSchema.parse(scenario)).toEqual(scenario);
  });
});
