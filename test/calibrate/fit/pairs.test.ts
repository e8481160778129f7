import { describe, expect, it } from 'vitest';
import {
  fitInterference,
  fitPairs,
  withoutNoise,
} from '../../../src/calibrate/fit/interference/interference.js';
import { counted, observed } from './observed.js';

const alone = (model: string) =>
  observed(
    { kind: 'sequential', id: `${model}/sequential-1`, model, batchSize: 1 },
    { statistics: [counted(model, 400, 2000)] },
  );

/** A second of two clients, one for each model: executions of 2.3 ms each, the instances idle hardly ever. */
const closedLoopClients = observed(
  { kind: 'pair', id: 'a/beside-b', model: 'a', batchSize: 1, other: 'b', otherBatchSize: 1 },
  { durationS: 1, statistics: [counted('a', 400, 2300), counted('b', 400, 2300)] },
);

/** Turns of a second with sparse arrivals: 2 ms alone, 2.4 ms where the other one executes for half of the time. */
const sparse = observed(
  { kind: 'together', id: 'a/together-with-b', model: 'a', other: 'b', busyShare: 0.5 },
  {
    turns: [
      { turn: 'first', statistics: [counted('a', 208, 2000)] },
      { turn: 'second', statistics: [counted('b', 208, 2000)] },
      { turn: 'both', statistics: [counted('a', 208, 2400), counted('b', 208, 2400)] },
    ],
  },
);

describe('two models side by side', () => {
  it('slow each other as they do under sparse arrivals, where that was measured', () => {
    const [pair] = fitInterference([alone('a'), alone('b'), closedLoopClients, sparse]).of('a').pairs;
    // Each executes for half of the time, for 0.92 of it under closed-loop clients.
    expect(pair).toEqual({ model: 'b', slowdown: 1.401 });
  });

  it('slow each other by what is not the waiting of threads for a core', () => {
    // Two wake-ups in each inference, half of them beside the other: 0.2 ms of the 0.4 that they take longer.
    const waits = () => ({ share: 0.2, longestUs: 2000 });
    const [pair] = fitInterference([alone('a'), alone('b'), closedLoopClients, sparse], {
      threadWaits: waits,
    }).of('a').pairs;
    expect(pair!.slowdown).toBeCloseTo(1.2, 2);
  });

  it('have one slowdown where clients are all that was measured', () => {
    const [pair] = fitInterference([alone('a'), alone('b'), closedLoopClients]).of('a').pairs;
    expect(pair).toEqual({ model: 'b', slowdown: 1.163 });
  });
});

describe('two clients with equal cycles, one of whose executions is much longer', () => {
  const long = { ...alone('b'), statistics: [counted('b', 400, 5000)] };
  const beside = (besideUs: number) => ({
    ...closedLoopClients,
    statistics: [counted('a', 140, besideUs), counted('b', 140, 5200)],
  });
  const [waiting, unhindered] = [6500, 2050].map((us) => fitPairs([alone('a'), long, beside(us)])[0]!);

  it('take turns, where the shorter one waits for the longer', () => {
    expect(waiting!.turns).toBe(true);
  });

  it('take turns also where half a millisecond of each is outside the lock and overlaps', () => {
    // As on a real Triton: locks held for 2.5 and 8.4 ms, a cycle of both in 11.24 ms.
    const models = [
      { ...alone('a'), statistics: [counted('a', 400, 2950)] },
      { ...alone('b'), statistics: [counted('b', 400, 8990)] },
    ];
    const seen = { ...closedLoopClients, durationS: 3 };
    const met = { ...seen, statistics: [counted('a', 267, 10_590), counted('b', 266, 10_460)] };
    expect(fitPairs([...models, met])[0]!.turns).toBe(true);
  });

  it('do not, where the cycle of one is longer: it meets a part of the other ones only', () => {
    const met = [counted('a', 160, 6200), counted('b', 140, 7000)];
    expect(fitPairs([alone('a'), long, { ...closedLoopClients, statistics: met }])[0]!.turns).toBe(false);
  });

  it('do not, where a cycle is shorter than both executions: they overlapped', () => {
    const met = [counted('a', 180, 4000), counted('b', 180, 5500)];
    expect(fitPairs([alone('a'), long, { ...closedLoopClients, statistics: met }])[0]!.turns).toBe(false);
  });

  it('tell nothing of what a second instance would cost: that is of executions which overlap', () => {
    const [pair] = [waiting!].map((each) => ({ ...each, slowdown: 3, otherSlowdown: 3 }));
    expect(fitInterference([], {}, [pair!]).of('a').self).toBeUndefined();
    expect(fitInterference([], {}, [{ ...pair!, turns: false }]).of('a').self).toBe(3);
  });

  it('do not, where nobody takes longer than alone: a queue delay can make cycles equal by chance', () => {
    expect(unhindered!.turns).toBe(false);
  });
});

describe('models that only wait on the host', () => {
  const pairs = fitPairs([alone('a'), alone('b'), closedLoopClients, sparse]);

  it('are slowed by nothing, but may slow those that compute', () => {
    const [pair] = withoutNoise(pairs, new Set(['b']));
    expect(pair).toMatchObject({ slowdown: 1.401, otherSlowdown: 1 });
  });

  it('still take turns where they did', () => {
    const turns = pairs.map((pair) => ({ ...pair, turns: true }));
    expect(withoutNoise(turns, new Set(['a', 'b']))).toEqual(turns);
  });
});
