import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Milliseconds at which the requests of a model with two instances on one GPU end. */
function endsMs(more: { readonly takesTurns?: boolean }, devices: readonly number[], eventLoop: boolean) {
  const model = { config: config('m', 8, { preferredBatchSizes: [8] }), profile: profile('m', 10, 1), more };
  const built = server('s', { models: [{ ...model, instances: devices.length }] });
  const { log } = simulate(scenario([built], [tenant('t', 'm', arrivals([0, 1000, 2000, 3000]))], 1), {
    eventLoop,
  });
  return Array.from(log.endedUs, (us) => us / 1000);
}

describe.each([false, true])('instances that take turns (eventLoop: %s)', (eventLoop) => {
  it('execute one at a time, each all that has come by then', () => {
    // The first request alone for 11 ms, then the three others together for 13.
    expect(endsMs({ takesTurns: true }, [0, 0], eventLoop).map(Math.round)).toEqual([11, 24, 24, 24]);
  });

  it('are as one', () => {
    const one = endsMs({ takesTurns: true }, [0], eventLoop);
    expect(endsMs({ takesTurns: true }, [0, 0, 0], eventLoop)).toEqual(one);
    expect(endsMs({}, [0], eventLoop)).toEqual(one);
  });
});
