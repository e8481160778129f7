import { describe, expect, it } from 'vitest';
import { clientOfPayloadUs } from '../../../src/calibrate/fit/draft-profile.js';
import { fitDelays } from '../../../src/calibrate/fit/threads/delays.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { config } from '../../support/scenario.js';
import { clientOf, counted, observed } from './observed.js';

/** The server counted 2 ms for a request, its client so much more. */
const outside = (us: number) => ({
  statistics: [counted('m', 1000, 1900, 2000)],
  clients: [clientOf('m', 2000 + us)],
});
const sequential = (batchSize: number, us: number) =>
  observed({ kind: 'sequential', id: `m/sequential-${batchSize}`, model: 'm', batchSize }, outside(us));
const alone = (us: number) =>
  observed({ kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 }, outside(us));
/** Ten times as many requests per second as {@link alone}. */
const poisson = (loadShare: number, us: number) => {
  const { statistics, clients } = outside(us);
  return observed(
    { kind: 'poisson', id: `m/poisson-${loadShare}`, model: 'm', loadShare },
    { statistics, clients: clients.map((client) => ({ ...client, completed: 10 * client.completed })) },
  );
};

function networkDelayUs(...points: Observation[]): number {
  const { requestDelayUs, responseDelayUs, generatorUs } = fitDelays(points, [
    config('m', 8, {}),
  ]).networkDelays.get('m')!;
  expect(requestDelayUs).toBe(responseDelayUs);
  return requestDelayUs + responseDelayUs + generatorUs;
}

it('the network delay is what a client waited besides the time of its request at the server, in both directions and in the client', () => {
  expect(networkDelayUs(sequential(1, 100), alone(300))).toBeCloseTo(300, 0);
});

it('it is between what a sparse and a dense open loop took, and never more than in the sparse one', () => {
  expect(networkDelayUs(sequential(1, 100), alone(300), poisson(0.6, 200))).toBeCloseTo(250, 0);
  expect(networkDelayUs(sequential(1, 100), alone(300), poisson(0.6, 900))).toBeCloseTo(300, 0);
  expect(networkDelayUs(sequential(1, 100), poisson(0.6, 250))).toBeCloseTo(250, 0);
});

it('where a dense load took less it is that of the rate, as each was measured', () => {
  const points = [alone(300), poisson(0.6, 120), poisson(0.75, 80)];
  const { networkDelayByRate, generatorUs } = fitDelays(points, [config('m', 8, {})]).networkDelays.get('m')!;
  const measured = networkDelayByRate!.map(({ requestsPerS, requestDelayUs, responseDelayUs }) => [
    requestsPerS,
    Math.round(requestDelayUs + responseDelayUs + generatorUs),
  ]);
  expect(measured).toEqual([
    [100, 300],
    [1000, 100],
  ]);
  expect(
    fitDelays([alone(300), poisson(0.6, 400)], [config('m', 8, {})]).networkDelays.get('m'),
  ).not.toHaveProperty('networkDelayByRate');
});

it('of a load that is sparser still it is a rate of its own, and says nothing of the usual way', () => {
  const sparser = observed(
    { kind: 'alone', id: 'm/sparse', model: 'm', busyShare: 0.1 },
    {
      statistics: [counted('m', 250, 1900, 2000)],
      clients: outside(700).clients.map((client) => ({ ...client, completed: 250 })),
    },
  );
  const networkDelay = (...points: Observation[]) =>
    fitDelays(points, [config('m', 8, {})]).networkDelays.get('m')!;
  const { networkDelayByRate, generatorUs, requestDelayUs } = networkDelay(
    alone(300),
    sparser,
    poisson(0.6, 100),
  );
  expect(
    networkDelayByRate!.map((each) => [each.requestsPerS, Math.round(2 * each.requestDelayUs + generatorUs)]),
  ).toEqual([
    [25, 700],
    [100, 300],
    [1000, 100],
  ]);
  expect(requestDelayUs).toBe(networkDelay(alone(300), poisson(0.6, 100)).requestDelayUs);
  expect(
    networkDelay(alone(300), sparser, poisson(0.6, 400)).networkDelayByRate!.map((each) => each.requestsPerS),
  ).toEqual([25, 100]);
});

it('of sparse loads alone and beside others it is the median: one that was held up says nothing', () => {
  const beside = (other: string, us: number) =>
    observed(
      { kind: 'together', id: `m/together-with-${other}`, model: 'm', other, busyShare: 0.4 },
      outside(us),
    );
  expect(networkDelayUs(alone(900), beside('a', 310), beside('b', 290))).toBeCloseTo(310, 0);
  expect(networkDelayUs(beside('a', 310), sequential(1, 150))).toBeCloseTo(150, 0);
});

describe('beside other models, whose requests keep the threads of the server awake', () => {
  /** In its own turns as sparse and alone: 100 requests per second, in those of both 300 of the other besides. */
  const beside = (other: string, bothUs: number, ownUs = 300) => {
    const sentUs = Array.from({ length: 600 }, (_, i) => 10_000 * i).filter((us) => us % 3e6 < 2e6);
    const latenciesUs = sentUs.map((us) => 2000 + (us % 3e6 < 1e6 ? bothUs : ownUs));
    const own = counted('m', 100, 1900, 2000);
    const both = { turn: 'both', statistics: [own, counted(other, 300, 500)] } as const;
    return observed(
      { kind: 'together', id: `m/together-with-${other}`, model: 'm', other, busyShare: 0.4 },
      {
        ...outside(300),
        clients: [{ ...clientOf('m', 2300), sentUs, latenciesUs }],
        turns: [both, { turn: 'first', statistics: [own] }, both, { turn: 'first', statistics: [own] }],
      },
    );
  };
  const rated = (...points: Observation[]) => {
    const { networkDelayByRate = [], generatorUs } = fitDelays(points, [
      config('m', 8, {}),
    ]).networkDelays.get('m')!;
    return networkDelayByRate.map((each) => [
      each.requestsPerS,
      Math.round(2 * each.requestDelayUs + generatorUs),
    ]);
  };

  it('it is shorter at the rate of all requests, as the turns of both show it', () => {
    expect(rated(alone(300), beside('a', 180), beside('b', 200))).toEqual([
      [100, 300],
      [400, 190],
    ]);
    expect(rated(alone(300), beside('a', 180), beside('b', 200), poisson(0.6, 100))).toEqual([
      [100, 300],
      [400, 190],
      [1000, 100],
    ]);
  });

  it('a dense load of its own that crowded the cores does not make it longer again', () => {
    expect(rated(alone(300), beside('a', 180), beside('b', 200), poisson(0.6, 250))).toEqual([
      [100, 300],
      [400, 190],
    ]);
  });

  it('nothing is said by one other model, nor where the network delay became no shorter', () => {
    expect(rated(alone(300), beside('a', 180))).toEqual([]);
    expect(rated(alone(300), beside('a', 400), beside('b', 500))).toEqual([]);
  });
});

it('it is that of a single client with the smallest batch where there was no open loop', () => {
  expect(networkDelayUs(sequential(8, 900), sequential(1, 150))).toBeCloseTo(150, 0);
});

it('it is never nothing, and a client takes a bounded part of it', () => {
  expect(networkDelayUs(alone(-50))).toBeCloseTo(20, 0);
  const { generatorUs } = fitDelays([alone(5000)], [config('m', 8, {})]).networkDelays.get('m')!;
  expect(generatorUs).toBe(120);
});

describe('of a model that computes', () => {
  const saturated = observed(
    { kind: 'saturated', id: 'm/saturated-1', model: 'm', batchSize: 1, concurrency: 3 },
    { ...outside(700), cpu: { machineS: 3, clientS: 0.5, otherS: 0 } },
  );

  it('what requests wait for its own executions is not the network delay', () => {
    const waits = { share: 0.1, longestUs: 4000 };
    const { requestDelayUs, generatorUs } = fitDelays([saturated, alone(500)], [config('m', 8, {})], {
      threadWaits: waits,
      computing: new Set(['m']),
    }).networkDelays.get('m')!;
    // It computes for 1000 times 1.9 ms in ten seconds.
    expect(2 * requestDelayUs + generatorUs).toBeCloseTo(500 - 0.19 * 0.1 * 2000, 0);
  });
});

describe('what a usual client takes longer for what it sends', () => {
  it('is in proportion to it as far as that was measured', () => {
    expect(clientOfPayloadUs(110)).toBeCloseTo(2.2 * clientOfPayloadUs(50), 6);
  });

  it('is less for each kilobyte of a large request', () => {
    // 0.42 to 0.5 ms were measured.
    expect(clientOfPayloadUs(600)).toBeGreaterThan(400);
    expect(clientOfPayloadUs(600)).toBeLessThan(520);
  });
});

it('a load of which the server counted requests that its client saw no answer of says nothing of it', () => {
  const { clients } = outside(300);
  const held = observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    { statistics: [counted('m', 1002, 1900, 6000)], clients },
  );
  expect(networkDelayUs(sequential(1, 100), held, poisson(0.6, 250))).toBeCloseTo(250, 0);
});
