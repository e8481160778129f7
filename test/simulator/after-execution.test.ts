import { describe, expect, it } from 'vitest';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { DynamicBatching } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { SERVING } from '../calibrate/fit/simulated-observations.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** From the end of the first execution of 2 ms, with 100 us after it, to the start of the second, microseconds. */
function gapUs(eventLoop: boolean, batching?: Partial<DynamicBatching>, batcherSignalUs?: number) {
  const measured = profile('m', 2, 0, {
    response: { fixedUs: 100, perRequestUs: 0, perKilobyteUs: 0 },
    serving: { ...SERVING, instancePickUpUs: 0, ...(batcherSignalUs !== undefined && { batcherSignalUs }) },
  });
  const models = [{ config: config('m', 1, batching), profile: measured }];
  const load = arrivals([0, 100]);
  const { log } = simulate(scenario([server('s', { models })], [tenant('t', 'm', load)], 1), { eventLoop });
  const [first, second] = log.calls.startedUs;
  return Math.round(second! - first! - 2000);
}

describe.each([true, false])('after an execution (general event loop: %s)', (eventLoop) => {
  it('an instance wakes the batcher of its model, which the default scheduler does not have', () => {
    expect(gapUs(eventLoop, {}, 60)).toBe(100);
    expect(gapUs(eventLoop, undefined, 60)).toBe(40);
    expect(gapUs(eventLoop, undefined, 160)).toBe(0);
  });

  it('an instance takes as long under any scheduler where a profile does not say what of it the batcher is', () => {
    expect(gapUs(eventLoop, {})).toBe(100);
    expect(gapUs(eventLoop)).toBe(100);
  });

  it('an instance takes as long as the profile for its own device says', () => {
    const taking = (fixedUs: number) =>
      profile('m', 2, 0, { response: { fixedUs, perRequestUs: 0, perKilobyteUs: 0 } });
    const instances = [100, 700].map((fixedUs, device) => ({ device, profile: taking(fixedUs) }));
    const models = [{ config: config('m', 1), profile: taking(0), more: { instances } }];
    const load = arrivals([0, 0, 50, 50]);
    const host = server('s', { models, devices: 2 });
    const { log } = simulate(scenario([host], [tenant('t', 'm', load)], 1), { eventLoop });
    expect(Array.from(log.calls.startedUs)).toEqual([0, 0, 2100, 2700]);
  });
});

describe.each([true, false])(
  'after an execution of several requests (general event loop: %s)',
  (eventLoop) => {
    /** From the end of an execution of these sizes of requests to the start of the next one, microseconds. */
    const gapOf = (sizes: readonly number[], response: Partial<ModelProfile['response']>) => {
      const measured = profile('m', 2, 0, {
        response: { fixedUs: 100, perRequestUs: 0, perKilobyteUs: 0, ...response },
        serving: { ...SERVING, instancePickUpUs: 0 },
      });
      const models = [{ config: config('m', 4, {}), profile: measured }];
      // The first execution holds one request alone; those that wait meanwhile are the second, the last one the third.
      const tenants = [
        tenant('first', 'm', arrivals([0])),
        ...sizes.map((batchSize, i) => tenant(`t${i}`, 'm', arrivals([500]), { batchSize })),
        tenant('last', 'm', arrivals([3000]), { batchSize: 4 }),
      ];
      const { log } = simulate(scenario([server('s', { models })], tenants, 1), { eventLoop });
      const started = [...new Set(log.calls.startedUs)].sort((a, b) => a - b);
      expect(started).toHaveLength(3);
      return Math.round(started[2]! - started[1]! - 2000);
    };

    it('an instance gives back each request, of whatever size, before it goes on', () => {
      expect(gapOf([1, 1, 1, 1], { releaseUs: 20 })).toBe(100 + 4 * 20);
      expect(gapOf([4], { releaseUs: 20 })).toBe(100 + 20);
      expect(gapOf([1, 1, 1, 1], {})).toBe(100);
    });
  },
);
