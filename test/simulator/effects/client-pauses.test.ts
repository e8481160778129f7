import { expect, it } from 'vitest';
import type { Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { SERVING } from '../../calibrate/fit/simulated-observations.js';
import { config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Four clients of a model with two instances, whose profile says that closed-loop clients need 20 us. */
function played(thinkTime: Extract<Load, { mode: 'closed' }>['thinkTime']) {
  const own = profile('m', 2, 0.25, { serving: SERVING, spread: { law: 'lognormal', cv: 0.05 } });
  const served = server('s', {
    models: [{ config: config('m', 8, {}), profile: own, instances: 2, device: -1 }],
    devices: 0,
    wakeUs: 20,
  });
  const load: Load = { mode: 'closed', concurrency: 4, thinkTime, maxRequests: Infinity };
  return simulate(scenario([served], [tenant('t', 'm', load)], 5));
}

it('closed-loop clients that were answered together do not come back at one instant, where their pause was measured', () => {
  const { executions, log } = played({ law: 'constant', meanUs: 0 });
  const [{ byBatchSize }] = executions as [(typeof executions)[number]];
  expect(byBatchSize.filter((count) => count > 0).length).toBeGreaterThan(1);
  expect(log.endedUs).toEqual(played({ law: 'exponential', meanUs: SERVING.generatorUs }).log.endedUs);
});
