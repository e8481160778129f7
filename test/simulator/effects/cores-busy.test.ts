import { describe, expect, it } from 'vitest';
import type { Sharing } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Cores of the host in use, where each inference of so many milliseconds keeps one of them busy. */
function coresBusy(setup: {
  readonly inferMs: number;
  readonly sharing?: Sharing;
  readonly pipelined?: boolean;
  readonly eventLoop: boolean;
}): number {
  const { inferMs, sharing = { mode: 'exclusive' }, pipelined = false, eventLoop } = setup;
  const hostCores = { input: 0, infer: 1, output: 0, response: 0 };
  const model = {
    config: config('m', 1),
    profile: profile('m', inferMs, 0, { hostCores, interference: { self: 2, pairs: [] } }),
    instances: 2,
    more: { pipelined },
  };
  const load = arrivals([0, 0, 100_000, 100_000, 100_000, 100_000]);
  const spec = scenario([server('s', { models: [model], sharing })], [tenant('t', 'm', load)], 1);
  return simulate(spec, { eventLoop }).hosts[0]!.coresBusy;
}

describe.each([false, true])('the cores of a host that are in use (general event loop: %s)', (eventLoop) => {
  it('are those that inferences keep busy, alone and beside others on their device', () => {
    expect(coresBusy({ inferMs: 10, eventLoop })).toBeCloseTo(0.06, 9);
    // Two at once take twice as long each.
    expect(coresBusy({ inferMs: 10, sharing: { mode: 'streams' }, eventLoop })).toBeCloseTo(0.12, 9);
  });

  it('are not kept busy by one that waits for the inference before it on its instance', () => {
    expect(coresBusy({ inferMs: 10, pipelined: true, eventLoop })).toBeCloseTo(0.06, 9);
  });

  it('are counted until the run ends', () => {
    expect(coresBusy({ inferMs: 5000, eventLoop })).toBeCloseTo(2, 9);
    expect(coresBusy({ inferMs: 5000, sharing: { mode: 'streams' }, eventLoop })).toBeCloseTo(2, 9);
  });
});
