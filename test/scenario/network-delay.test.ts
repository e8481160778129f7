import { describe, expect, it } from 'vitest';
import { isClosedLoop, longerNetworkDelay, networkDelayOf } from '../../src/scenario/network-delay.js';
import type { Tenant } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const BY_RATE = [
  { requestsPerS: 100, requestDelayUs: 300, responseDelayUs: 200 },
  { requestsPerS: 10_000, requestDelayUs: 100, responseDelayUs: 100 },
];
const networkDelay = { requestDelayUs: 50, responseDelayUs: 60, byRate: BY_RATE };
const network = {
  requestDelayUs: 1,
  responseDelayUs: 2,
  requestBytesPerUs: Number.POSITIVE_INFINITY,
  responseBytesPerUs: Number.POSITIVE_INFINITY,
};

describe('the network delay to a model', () => {
  it('is that of the server where the model has none of its own', () => {
    expect(networkDelayOf({ network }, {}, 1000)).toMatchObject({
      requestDelayUs: 1,
      responseDelayUs: 2,
    });
  });

  it('changes with the logarithm of the rate between those measured, and not beyond them', () => {
    const at = (requestsPerS: number) => networkDelayOf({ network }, { networkDelay }, requestsPerS);
    expect(at(1000)).toEqual({ requestDelayUs: 200, responseDelayUs: 150, wakeUs: 0 });
    for (const rate of [0, 1, 100]) expect(at(rate)).toMatchObject({ requestDelayUs: 300 });
    for (const rate of [10_000, 1e9, Number.POSITIVE_INFINITY])
      expect(at(rate)).toMatchObject({ requestDelayUs: 100 });
  });

  it('is the usual one where nobody knows the rate', () => {
    expect(networkDelayOf({ network }, { networkDelay })).toMatchObject({
      requestDelayUs: 50,
      responseDelayUs: 60,
    });
  });

  it('counts clients as closed-loop clients that send as soon as they have their answer', () => {
    const closed = { mode: 'closed', concurrency: 2, maxRequests: 9 } as const;
    expect(isClosedLoop({ ...closed, thinkTime: { law: 'exponential', meanUs: 50 } })).toBe(true);
    expect(isClosedLoop({ ...closed, thinkTime: { law: 'exponential', meanUs: 5000 } })).toBe(false);
    expect(isClosedLoop(poisson('t', 1, 1))).toBe(false);
  });

  it('is the waking of threads as far as that was measured, and for the most part', () => {
    const at = (requestsPerS: number) =>
      networkDelayOf({ network }, { networkDelay: { ...networkDelay, wakeUs: 180 } }, requestsPerS).wakeUs;
    expect(at(100)).toBe(180);
    expect(at(10_000)).toBeCloseTo(80, 9);
  });

  it('is longer by the same at every rate', () => {
    expect(longerNetworkDelay(networkDelay, 20)).toEqual({
      requestDelayUs: 60,
      responseDelayUs: 70,
      byRate: BY_RATE.map((each) => ({
        ...each,
        requestDelayUs: each.requestDelayUs + 10,
        responseDelayUs: each.responseDelayUs + 10,
      })),
    });
  });
});

it.each([true, false])(
  'all tenants of a server keep its cores awake (general event loop: %s)',
  (eventLoop) => {
    const models = ['a', 'b'].map((name) => ({
      config: config(name, 1),
      profile: profile(name, 1, 0),
      more: { networkDelay },
    }));
    const sharing = { mode: 'streams' } as const;
    const tenants = ['a', 'b'].map((name, model) =>
      tenant(name, name, poisson(name, 500, 10_000), { targets: [{ server: 0, model }] }),
    );
    const { log } = simulate(scenario([server('s', { models, sharing })], tenants, 20), { eventLoop });
    const networkUs = Array.from(log.networkUs).filter((_, row) => log.outcome[row] === Outcome.completed);
    // 1000 requests/s, give or take the draw.
    for (const us of networkUs) expect(Math.abs(us - 350)).toBeLessThan(5);
  },
);

it.each([true, false])(
  'a tenant with pauses keeps cores awake as its rate while it sends does, where that is known (general event loop: %s)',
  (eventLoop) => {
    const models = [{ config: config('a', 1), profile: profile('a', 1, 0), more: { networkDelay } }];
    // 1,000 requests/s in one second of ten.
    const inTurns = arrivals(Array.from({ length: 1000 }, (_, i) => 1000 * i));
    const host = server('s', { models, sharing: { mode: 'streams' } });
    const meanNetworkDelayUs = (more: Partial<Tenant>) => {
      const { log } = simulate(scenario([host], [tenant('a', 'a', inTurns, more)], 10), { eventLoop });
      return log.networkUs[0]!;
    };
    expect(meanNetworkDelayUs({ usualPerS: 1000 })).toBeCloseTo(350, 1);
    expect(meanNetworkDelayUs({})).toBeCloseTo(500, 1);
  },
);
