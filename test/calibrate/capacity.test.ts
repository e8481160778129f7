import { expect, it } from 'vitest';
import { capacityPerS } from '../../src/calibrate/calibrate.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { config } from '../support/scenario.js';
import { clientOf, observed } from './fit/observed.js';

/** Ten seconds in which 1000 requests of so many inferences were answered. */
function saturated(batchSize: number): Observation {
  return observed(
    { kind: 'saturated', id: `m/saturated-${batchSize}`, model: 'm', batchSize, concurrency: 3 },
    { clients: [{ ...clientOf('m', 10_000), batchSize }] },
  );
}

const POINTS = [saturated(8), saturated(1)];

it('a batcher makes large batches of single requests, so that the model can do what the largest reached', () => {
  expect(capacityPerS(POINTS, config('m', 8, {}))).toBe(800);
});

it('client and server can handle no more requests than where batches were put together of many', () => {
  const backlog = (batchSize: number, completed: number) =>
    observed(
      { kind: 'backlog', id: 'm/backlog', model: 'm', batchSize, concurrency: 24 },
      { clients: [{ ...clientOf('m', 10_000), batchSize, completed }] },
    );
  expect(capacityPerS([...POINTS, backlog(1, 6000)], config('m', 8, {}))).toBe(600);
  // Requests count, not their inferences: the load to set has one in each.
  expect(capacityPerS([...POINTS, backlog(2, 6000)], config('m', 8, {}))).toBe(600);
  expect(capacityPerS([...POINTS, backlog(1, 90_000)], config('m', 8, {}))).toBe(800);
  expect(capacityPerS([...POINTS, backlog(1, 0)], config('m', 8, {}))).toBe(800);
});

it('without a batcher only what single requests reached says what load the model can bear', () => {
  expect(capacityPerS(POINTS, config('m', 8))).toBe(100);
  expect(capacityPerS(POINTS.slice(0, 1), config('m', 8))).toBeUndefined();
});

it('a point that ended before its first answer says nothing', () => {
  const none = observed(
    { kind: 'saturated', id: 'm/saturated-1', model: 'm', batchSize: 1, concurrency: 3 },
    { clients: [{ ...clientOf('m', 0), completed: 0 }] },
  );
  expect(capacityPerS([none], config('m', 8))).toBeUndefined();
  expect(capacityPerS([none, saturated(1)], config('m', 8))).toBe(100);
});
