import { describe, expect, it } from 'vitest';
import { withoutItself } from '../../../src/calibrate/fit/interference/beside-itself.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { config, profile } from '../../support/scenario.js';
import { counted, observed } from './observed.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

/** Two instances, each busy for half of ten seconds with executions of 2.5 ms: 4000 in all. */
const point = observed(
  { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
  { statistics: [counted('m', 4000, 2500), counted('n', 100, 7000)] },
);
const TWO = { instances: 2, self: 1.5 };

const singleUs = (known: Parameters<typeof withoutItself>[2], of = point, model = 'm') =>
  meanSingleUs(withoutItself([of], 'm', known)[0]!.statistics.filter((each) => each.model === model));

/** Executions of 4 ms on so many instances with a core for each, under Poisson arrivals that would keep them busy for that share. */
function measured(
  { instances, self, batcher, threadWaits }: Parameters<typeof withoutItself>[2],
  busyShare: number,
) {
  const { dynamicBatching, instanceGroups, ...one } = config('m', 8, {
    maxQueueDelayUs: batcher?.delayUs ?? 0,
  });
  const served = {
    ...one,
    instanceGroups: [{ ...instanceGroups[0]!, kind: 'KIND_CPU', count: instances, gpus: [] }],
    ...(batcher && { dynamicBatching }),
  } as ModelConfig;
  const known = profile('m', 3, 1, {
    device: 'CPU',
    hostCores: { input: 0, infer: 1, output: 0, response: 0 },
    interference: { self, pairs: [] },
  });
  const serving = { ...SERVING, cpuCores: instances, ...(threadWaits && { threadWaits }) };
  return simulatedObservation(
    { models: [{ config: served, profile: known }], serving },
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: instances * busyShare },
    60,
  );
}

describe('executions of instances that slow each other are as long as alone again', () => {
  it.each([
    { instances: 2, self: 1.2, within: 0.01 },
    { instances: 2, self: 1.5, within: 0.02 },
    { instances: 2, self: 2, within: 0.025 },
    { instances: 3, self: 1.5, within: 0.02 },
  ])('$instances of them, $self times as long beside one other', ({ within, ...known }) => {
    for (const batcher of [undefined, { delayUs: 0 }, { delayUs: 1000 }]) {
      for (const busyShare of [0.1, 0.2, 0.4]) {
        const found = singleUs({ ...known, batcher }, measured({ ...known, batcher }, busyShare))!;
        expect(Math.abs(found / 4000 - 1)).toBeLessThan(within);
      }
    }
  });

  it('what their threads waited is no inference of theirs', () => {
    const known = { ...TWO, self: 1.2, threadWaits: { share: 0.1, longestUs: 3000 } };
    for (const busyShare of [0.1, 0.4]) {
      const found = singleUs(known, measured(known, busyShare))!;
      expect(Math.abs(found / 4000 - 1)).toBeLessThan(0.01);
    }
  });
});

it('instances that are busy for half of the time are so together for more than half of it', () => {
  // Load a of a queue whose second server makes both 1.5 times as slow: a^2 + a = 4/3, and 2 / (2 + a) of the time beside it.
  const beside = 2 / (2 + (Math.sqrt(1 + 16 / 3) - 1) / 2);
  expect(singleUs(TWO)).toBeCloseTo(2500 * (1 - beside / 3), 2);
});

it('instances on several devices have those of their own beside them', () => {
  const { experiment, statistics } = point;
  const twice = observed(experiment, { statistics: [counted('m', 8000, 2500), ...statistics.slice(1)] });
  expect(singleUs({ ...TWO, devices: 2 }, twice)).toBeCloseTo(singleUs(TWO)!, 3);
});

it('one instance, other models and single clients stay as they were measured', () => {
  expect(singleUs({ ...TWO, instances: 1 })).toBe(2500);
  expect(singleUs(TWO, point, 'n')).toBe(7000);
  const closedLoopClients = {
    ...point,
    experiment: { kind: 'sequential', id: 'm/s', model: 'm', batchSize: 1 },
  } as const;
  expect(singleUs(TWO, closedLoopClients)).toBe(2500);
});

it('each kind of turns is told by how busy its own were', () => {
  const together = observed(
    { kind: 'together', id: 'm/together-with-n', model: 'm', other: 'n', busyShare: 0.4 },
    {
      turns: [
        { turn: 'first', statistics: [counted('m', 400, 2500)] },
        { turn: 'both', statistics: [counted('m', 800, 2500)] },
        { turn: 'second', statistics: [counted('n', 100, 2500)] },
      ],
    },
  );
  const [found] = withoutItself([together], 'm', TWO);
  const inTurn = (turn: string) =>
    meanSingleUs(found!.turns!.filter((each) => each.turn === turn).flatMap(({ statistics }) => statistics));
  expect(inTurn('first')).toBeCloseTo(singleUs(TWO)!, 3);
  expect(inTurn('both')).toBeCloseTo(2500 / 1.5, 3);
  expect(inTurn('second')).toBe(2500);
});
