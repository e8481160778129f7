import { expect, it } from 'vitest';
import { fitThreadWaits } from '../../../src/calibrate/fit/thread-waits.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { clientOf, counted, observed } from './observed.js';

/** Ten seconds in which a model that computes keeps one of two cores busy for a second's worth of executions. */
const saturated = observed(
  { kind: 'saturated', id: 'm/saturated-1', model: 'm', batchSize: 1, concurrency: 3 },
  {
    statistics: [counted('m', 5000, 2000)],
    clients: [clientOf('m', 2000)],
    cpu: { machineS: 11, clientS: 1 },
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
const MODELS = ['m', 'sleeps'];

it('the share of late requests, and how late they were, give what a thread waits', () => {
  // Half of the time somebody computes; of two wake-ups each waits in a fifth of that time, 4 ms at most.
  const seen = 10_000 * 2 * 0.5 * 0.2 * (1 - 0.3 / 4);
  const found = fitThreadWaits([saturated, open('m', 2500, seen, 2150)], MODELS, 2)!;
  expect(found.share).toBeCloseTo(0.2, 3);
  expect(found.longestUs).toBe(4000);
});

it('what disturbs the generator anyway is no wait for a core', () => {
  const disturbed = open('sleeps', 0, 300, 2150);
  const seen = 300 + 10_000 * 2 * 0.5 * 0.2 * (1 - 0.3 / 4);
  expect(fitThreadWaits([saturated, disturbed, open('m', 2500, seen, 2150)], MODELS, 2)!.share).toBeCloseTo(
    0.2,
    3,
  );
});

it('nothing is said of a server on another machine, of one with more cores, of models that do not compute, of a few late requests', () => {
  const late = open('m', 2500, 2000, 2150);
  expect(fitThreadWaits([saturated, late], MODELS, undefined)).toBeUndefined();
  expect(fitThreadWaits([saturated, late], MODELS, 4)).toBeUndefined();
  expect(fitThreadWaits([saturated, late], MODELS, 2)).toBeDefined();
  expect(fitThreadWaits([late], MODELS, 2)).toBeUndefined();
  expect(fitThreadWaits([saturated, open('m', 2500, 20, 2150)], MODELS, 2)).toBeUndefined();
  expect(fitThreadWaits([saturated, open('sleeps', 0, 2000, 2150), late], MODELS, 2)).toBeUndefined();
});
