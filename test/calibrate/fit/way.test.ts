import { expect, it } from 'vitest';
import { fitDelays } from '../../../src/calibrate/fit/delays.js';
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

function wayUs(...points: Observation[]): number {
  const { requestDelayUs, responseDelayUs, generatorUs } = fitDelays(points, [config('m', 8, {})]).ways.get(
    'm',
  )!;
  expect(requestDelayUs).toBe(responseDelayUs);
  return requestDelayUs + responseDelayUs + generatorUs;
}

it('the way is what a client waited besides the time of its request at the server, in both directions and in the client', () => {
  expect(wayUs(sequential(1, 100), alone(300))).toBeCloseTo(300, 0);
});

it('it is between what a sparse and a dense open loop took, and never more than in the sparse one', () => {
  expect(wayUs(sequential(1, 100), alone(300), poisson(0.6, 200))).toBeCloseTo(250, 0);
  expect(wayUs(sequential(1, 100), alone(300), poisson(0.6, 900))).toBeCloseTo(300, 0);
  expect(wayUs(sequential(1, 100), poisson(0.6, 250))).toBeCloseTo(250, 0);
});

it('where a dense load took less it is that of the rate, as each was measured', () => {
  const points = [alone(300), poisson(0.6, 120), poisson(0.75, 80)];
  const { wayByRate, generatorUs } = fitDelays(points, [config('m', 8, {})]).ways.get('m')!;
  const measured = wayByRate!.map(({ requestsPerS, requestDelayUs, responseDelayUs }) => [
    requestsPerS,
    Math.round(requestDelayUs + responseDelayUs + generatorUs),
  ]);
  expect(measured).toEqual([
    [100, 300],
    [1000, 100],
  ]);
  expect(fitDelays([alone(300), poisson(0.6, 400)], [config('m', 8, {})]).ways.get('m')).not.toHaveProperty(
    'wayByRate',
  );
});

it('it is that of a single caller with the smallest batch where there was no open loop', () => {
  expect(wayUs(sequential(8, 900), sequential(1, 150))).toBeCloseTo(150, 0);
});

it('it is never nothing, and a client takes a bounded part of it', () => {
  expect(wayUs(alone(-50))).toBeCloseTo(20, 0);
  const { generatorUs } = fitDelays([alone(5000)], [config('m', 8, {})]).ways.get('m')!;
  expect(generatorUs).toBe(120);
});
