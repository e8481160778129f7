import { describe, expect, it } from 'vitest';
import type { DynamicBatching } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { SERVING } from '../calibrate/fit/simulated-observations.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** From the end of the first execution of 2 ms, with 100 us after it, to the start of the second, microseconds. */
function gapUs(staged: boolean, batching?: Partial<DynamicBatching>, batcherSignalUs?: number) {
  const measured = profile('m', 2, 0, {
    response: { fixedUs: 100, perRequestUs: 0, perKilobyteUs: 0 },
    serving: { ...SERVING, instancePickUpUs: 0, ...(batcherSignalUs !== undefined && { batcherSignalUs }) },
  });
  const models = [{ config: config('m', 1, batching), profile: measured }];
  const load = arrivals([0, 100]);
  const { log } = simulate(scenario([server('s', { models })], [tenant('t', 'm', load)], 1), { staged });
  const [first, second] = log.startedUs;
  return Math.round(second! - first! - 2000);
}

describe.each([true, false])('after an execution (general event loop: %s)', (staged) => {
  it('an instance wakes the batcher of its model, which the default scheduler does not have', () => {
    expect(gapUs(staged, {}, 60)).toBe(100);
    expect(gapUs(staged, undefined, 60)).toBe(40);
    expect(gapUs(staged, undefined, 160)).toBe(0);
  });

  it('an instance takes as long under any scheduler where a profile does not say what of it the batcher is', () => {
    expect(gapUs(staged, {})).toBe(100);
    expect(gapUs(staged)).toBe(100);
  });
});
