import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/simulator/simulate.js';
import {
  config,
  lengthOf,
  meanLatencyMs,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

/** Closed forms, each at 10^6 customers. A tolerance is 1 % of the mean time in system. */
const CUSTOMERS = 1_000_000;

interface Queue {
  readonly name: string;
  readonly cv: number;
  readonly servers: number;
  readonly utilization: number;
  /** Mean time in system in units of the mean service time. */
  readonly expected: number;
}

function erlangC(c: number, load: number): number {
  let inverse = 1;
  for (let k = 1; k <= c; k++) inverse = 1 + (k / load) * inverse;
  const blocking = 1 / inverse;
  return blocking / (1 - (load / c) * (1 - blocking));
}

const QUEUES: Queue[] = [
  { name: 'M/M/1', cv: 1, servers: 1, utilization: 0.6, expected: 1 / (1 - 0.6) },
  { name: 'M/D/1', cv: 0, servers: 1, utilization: 0.7, expected: 1 + 0.7 / (2 * 0.3) },
  { name: 'M/G/1', cv: 1.5, servers: 1, utilization: 0.5, expected: 1 + (0.5 * (1 + 1.5 ** 2)) / (2 * 0.5) },
  { name: 'M/M/4', cv: 1, servers: 4, utilization: 0.8, expected: 1 + erlangC(4, 3.2) / (4 * 0.2) },
  { name: 'M/M/16', cv: 1, servers: 16, utilization: 0.9, expected: 1 + erlangC(16, 14.4) / (16 * 0.1) },
];

describe('queues with a closed form', () => {
  it.each(QUEUES)(
    '$name at utilisation $utilization has the mean time in system of theory within 1 %',
    (queue) => {
      const serviceMs = 10;
      const model = profile('m', serviceMs, 0, {
        spread: queue.cv === 0 ? { law: 'none' } : { law: 'gamma', cv: queue.cv },
      });
      const load = poisson(queue.name, (queue.utilization * queue.servers * 1000) / serviceMs, CUSTOMERS);
      const { log } = simulate(
        scenario(
          [server('s', { models: [{ config: config('m', 1), profile: model, instances: queue.servers }] })],
          [tenant('t', 'm', load)],
          lengthOf(load, 10),
        ),
      );
      expect(Math.abs(meanLatencyMs(log) / serviceMs / queue.expected - 1)).toBeLessThan(0.01);
    },
  );

  it('an M/G/1 queue with processor sharing has the mean time in system of M/M/1 within 1 %, whatever the service law', () => {
    // Sixty-four instances of one model on a device with fair time slices: practically no limit on how many share.
    const serviceMs = 10;
    const model = profile('m', serviceMs, 0, { spread: { law: 'gamma', cv: 1.3 } });
    const load = poisson('ps', 60, CUSTOMERS);
    const { log } = simulate(
      scenario(
        [
          server('s', {
            models: [{ config: config('m', 1), profile: model, instances: 64 }],
            sharing: { mode: 'timeSlices', switchOverhead: 0, quantumUs: undefined },
          }),
        ],
        [tenant('t', 'm', load)],
        lengthOf(load, 10),
      ),
    );
    expect(Math.abs((meanLatencyMs(log) / serviceMs) * (1 - 0.6) - 1)).toBeLessThan(0.01);
  });
});
