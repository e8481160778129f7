import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/simulator/simulate.js';
import {
  arrivals,
  config,
  profile,
  type ServerSketch,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

/** When each request starts, in microseconds; an execution takes 1 ms. */
function startsUs(
  arrivalUs: readonly number[],
  {
    instances,
    eventLoop,
    batching,
    ...sketch
  }: Omit<ServerSketch, 'models'> & {
    readonly instances: number;
    readonly eventLoop: boolean;
    readonly batching?: object;
  },
): number[] {
  const response = { fixedUs: 0.25, perRequestUs: 0, perKilobyteUs: 0 };
  const model = { config: config('m', 2, batching), profile: profile('m', 1, 0, { response }), instances };
  const spec = scenario(
    [server('s', { ...sketch, models: [model] })],
    [tenant('t', 'm', arrivals(arrivalUs))],
    1,
  );
  return Array.from(simulate(spec, { eventLoop }).log.calls.startedUs);
}

describe.each([true, false])('at one instant (general event loop: %s)', (eventLoop) => {
  it('a request that arrives just when an execution leaves a shared device starts on the idle instance', () => {
    const setting = { instances: 2, eventLoop, batching: {}, sharing: { mode: 'streams' } } as const;
    expect(startsUs([0, 1000], setting)).toEqual([0, 1000]);
  });

  it('and one that finds no idle instance starts as soon as the execution lets go of its own', () => {
    const setting = { instances: 1, eventLoop, batching: {}, sharing: { mode: 'streams' } } as const;
    expect(startsUs([0, 1000], setting)).toEqual([0, 1000.25]);
  });

  it('two requests without a batcher wake two instances, not three: a third has its own time to be picked up', () => {
    expect(startsUs([0, 0, 1], { instances: 3, eventLoop, pickUpUs: 30 })).toEqual([30, 30, 31]);
  });
});
