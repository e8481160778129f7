import { expect, it } from 'vitest';
import { fitInterference } from '../../../src/calibrate/fit/interference/interference.js';
import { counted, observed } from './observed.js';

const sequential = observed(
  { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 },
  { statistics: [counted('m', 400, 1500)] },
);

/** Turns of a second: one client whose executions take 2 ms, and two whose executions take so long, so many of them. */
function self(inferUs: number, executions: number) {
  const one = { turn: 'first', statistics: [counted('m', 400, 2000)] } as const;
  const two = { turn: 'both', statistics: [counted('m', executions, inferUs)] } as const;
  return observed(
    { kind: 'self', id: 'm/self', model: 'm', batchSize: 1, reloads: true },
    { turns: [two, one, two, one] },
  );
}

it('a second instance costs what two clients suffer beyond one, for the share in which the other one executes', () => {
  // 600 executions of 3 ms in a second on two instances: each is busy for 0.9 of it.
  const { self: slowdown } = fitInterference([sequential, self(3000, 600)]).of('m');
  expect(slowdown).toBeCloseTo(1 + 0.5 / 0.9, 3);
});

it('instances that only wait cost each other nothing', () => {
  expect(fitInterference([sequential, self(2020, 900)]).of('m').self).toBe(1);
});

it('nothing is said of a second instance where a batcher put both clients into one execution', () => {
  const two = counted('m', 300, 2600);
  const together = { ...two, batches: two.batches.map((row) => ({ ...row, batchSize: 2 })) };
  const point = observed(
    { kind: 'self', id: 'm/self', model: 'm', batchSize: 1, reloads: false },
    {
      statistics: [together],
      turns: [
        { turn: 'both', statistics: [together] },
        { turn: 'first', statistics: [counted('m', 400, 2000)] },
      ],
    },
  );
  expect(fitInterference([sequential, point]).of('m').self).toBeUndefined();
});

it('nothing is said of a second instance of a model that met nobody and was not measured with two', () => {
  expect(fitInterference([sequential]).of('m').self).toBeUndefined();
});
