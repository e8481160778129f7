import { expect, it } from 'vitest';
import { computingModels } from '../../../src/calibrate/fit/threads/host-cores.js';
import {
  fitThreadWaits,
  meanWaitUs,
  waitsInInferenceUs,
} from '../../../src/calibrate/fit/threads/thread-waits.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { TURN_S } from '../../../src/calibrate/turns.js';
import { clientOf, counted, observed } from './observed.js';

/** Ten seconds in which a model that computes keeps one of two cores busy for a second's worth of executions. */
const saturated = observed(
  { kind: 'saturated', id: 'm/saturated-1', model: 'm', batchSize: 1, concurrency: 3 },
  {
    statistics: [counted('m', 5000, 2000)],
    clients: [clientOf('m', 2000)],
    cpu: { machineS: 11, clientS: 1, otherS: 0 },
  },
);
/** An open loop of 10,000 requests in ten seconds, of which so many left so late. */
const open = (model: string, executions: number, late: number, meanUs: number): Observation =>
  observed(
    { kind: 'alone', id: `${model}/alone`, model, busyShare: 0.4 },
    {
      statistics: [counted(model, executions, 2000)],
      clients: [clientOf(model, 2000)],
      lateness: { sends: 10_000, late, lateUs: late * meanUs },
    },
  );
const fitted = (observations: readonly Observation[], cores: number | undefined) =>
  fitThreadWaits(observations, computingModels(observations, [{ name: 'm' }, { name: 'sleeps' }]), cores);

it('the share of late requests, and how late they were, give what a thread waits', () => {
  // Half of the time somebody computes; of two wake-ups each waits in a fifth of that time, 4 ms at most.
  const seen = 10_000 * 2 * 0.5 * 0.2 * (1 - 0.3 / 4);
  const found = fitted([saturated, open('m', 2500, seen, 2150)], 2)!;
  expect(found.share).toBeCloseTo(0.2, 3);
  expect(found.longestUs).toBe(4000);
});

it('what disturbs the generator anyway is no wait for a core, and how long it does says nothing of one', () => {
  const disturbed = open('sleeps', 0, 300, 8000);
  const seen = 300 + 10_000 * 2 * 0.5 * 0.2 * (1 - 0.3 / 4);
  const found = fitted([saturated, disturbed, open('m', 2500, seen, 2150)], 2)!;
  expect(found.share).toBeCloseTo(0.2, 3);
  expect(found.longestUs).toBe(4000);
});

it('of a point with turns each turn tells by itself: what computed in it, and how much was late meanwhile', () => {
  const seen = 300 + 10_000 * 2 * 0.5 * 0.2 * (1 - 0.3 / 4);
  const late = (sends: number, count: number) => ({ sends, late: count, lateUs: count * 2150 });
  const executions = (0.5 * TURN_S * 1e6) / 2000;
  const together = observed(
    { kind: 'together', id: 'm+sleeps', model: 'm', other: 'sleeps', busyShare: 0.4 },
    {
      // All turns together would look busy for the whole time, and hardly late.
      statistics: [counted('m', 5000, 2000)],
      lateness: late(100_000, 100),
      turns: [
        { turn: 'second', statistics: [counted('sleeps', 900, 2000)], lateness: late(10_000, 300) },
        { turn: 'both', statistics: [counted('m', executions, 2000)], lateness: late(10_000, seen) },
        { turn: 'first', statistics: [counted('m', 900, 2000)] },
      ],
    },
  );
  const found = fitted([saturated, together], 2)!;
  expect(found.share).toBeCloseTo(0.2, 3);
  expect(found.longestUs).toBe(4000);
});

it('waits are 1 to 20 ms long, and at most half of the threads wait', () => {
  const longestUs = (meanUs: number) => fitted([saturated, open('m', 2500, 500, meanUs)], 2)!.longestUs;
  expect([300, 600, 700, 9000, 90_000].map(longestUs)).toEqual([1000, 1000, 1100, 17_700, 20_000]);
  expect(fitted([saturated, open('m', 2500, 9900, 2150)], 2)!.share).toBe(0.5);
});

it('a thread that wakes waits half of the longest wait in its share of the busy time, two threads within an inference', () => {
  const waits = { share: 0.2, longestUs: 4000 };
  expect([meanWaitUs(waits, 0.5), waitsInInferenceUs(waits, 0.5)]).toEqual([200, 400]);
  expect([meanWaitUs(undefined, 0.5), waitsInInferenceUs(undefined, 0.5)]).toEqual([0, 0]);
});

it('nothing is said of a server on another machine, of one with more cores, of models that do not compute, of a few late requests', () => {
  const late = open('m', 2500, 2000, 2150);
  expect(fitted([saturated, late], undefined)).toBeUndefined();
  expect(fitted([saturated, late], 4)).toBeUndefined();
  expect(fitted([saturated, late], 2)).toBeDefined();
  expect(fitted([late], 2)).toBeUndefined();
  expect(fitted([saturated, open('m', 2500, 20, 2150)], 2)).toBeUndefined();
  expect(fitted([saturated, open('sleeps', 0, 2000, 2150), late], 2)).toBeUndefined();
});
