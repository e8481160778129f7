import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { anyLimitedScenario } from './limited-scenario.js';
import { expectNoneOversubscribed, mapModels } from './resource-use.js';

describe('a rate limiter', () => {
  it('never gives more of a resource than there is', () => {
    const property = fc.property(
      anyLimitedScenario({ pipelined: false, policies: false }),
      expectNoneOversubscribed,
    );
    fc.assert(property, { numRuns: cases(150) });
  });

  it('that has enough of all changes nothing for models of one instance', () => {
    const property = fc.property(anyLimitedScenario({ policies: false, spread: false }), (spec) => {
      const plenty = unbatched(spec, { resources: 'abc'.split('').map((name) => ({ name, count: 1e6 })) });
      const [limited, free] = [simulate(plenty), simulate(unbatched(spec, undefined))];
      expect(limited.log.endedUs).toEqual(free.log.endedUs);
    });
    fc.assert(property, { numRuns: cases(150) });
  });
});

/** One instance for each model, which executes each request alone. */
function unbatched(spec: Scenario, rateLimit: Scenario['servers'][number]['options']['rateLimit']): Scenario {
  const one = mapModels(spec, ({ config: { dynamicBatching: _, ...config }, instances, ...model }) => ({
    ...model,
    config,
    instances: instances.slice(0, 1),
  }));
  return {
    ...one,
    servers: one.servers.map(({ options: { rateLimit: __, ...options }, ...server }) => ({
      ...server,
      options: { ...options, ...(rateLimit && { rateLimit }) },
    })),
  };
}
