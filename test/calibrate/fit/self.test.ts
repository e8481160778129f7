import { describe, expect, it } from 'vitest';
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

describe('a crowd of four on two cores', () => {
  /** Executions of 2 ms alone and, without more, beside one other; in the crowd so long, so many at once. */
  const crowded = (inferUs: number, executing: number, beside = counted('m', 900, 2000)) => {
    const executions = Math.round((executing * 1e6) / inferUs);
    const one = { turn: 'first', statistics: [counted('m', 400, 2000)] } as const;
    const two = { turn: 'both', statistics: [beside] } as const;
    const crowd = { turn: 'crowd', statistics: [counted('m', executions, inferUs)] } as const;
    const experiment = {
      kind: 'self',
      id: 'm/self',
      model: 'm',
      batchSize: 1,
      reloads: true,
      crowd: 4,
    } as const;
    return observed(experiment, { turns: [two, one, crowd] });
  };

  it('costs what executions take beyond their share of the cores', () => {
    expect(fitInterference([sequential, crowded(5200, 4)]).of('m').crowding).toBeCloseTo(1.3, 2);
    expect(fitInterference([sequential, crowded(4000, 4)]).of('m').crowding).toBe(1);
  });

  it('costs what is beyond what one other instance costs, too', () => {
    // Each of two is beside the other for 0.9 of the time: 1 + 0.5 / 0.9 times as long.
    const { self: slowdown, crowding } = fitInterference([
      sequential,
      crowded(4000 * (1 + 0.5 / 0.9) * 1.3, 4, counted('m', 600, 3000)),
    ]).of('m');
    expect(slowdown).toBeCloseTo(1.556, 3);
    expect(crowding).toBeCloseTo(1.3, 2);
  });

  it('costs half as much in the exponent where it was half full', () => {
    const { crowding } = fitInterference([sequential, crowded(2000 * 1.5 * Math.sqrt(1.3), 3)]).of('m');
    expect(crowding).toBeCloseTo(1.3, 2);
  });

  it('costs no more where it is requests that take the cores', () => {
    // 769 executions/s, of whose requests each takes 0.5 ms: 0.38 cores, of which four executions have less.
    const point = crowded(5200, 4);
    const requestCpu = () => ({ requestCpuUs: 300, clientCpuUs: 150, executionCpuUs: 50 });
    const { crowding } = fitInterference([sequential, point], { requestCpu }).of('m');
    const share = (4 + 769 * 500e-6) / 2;
    expect(crowding).toBeCloseTo((5.2 / (2 * share)) ** (1 / (share - 1)), 2);
  });

  it('says nothing where hardly more executed than there are cores', () => {
    expect(fitInterference([sequential, crowded(2500, 2.2)]).of('m').crowding).toBeUndefined();
  });
});
