import { expect, it } from 'vitest';
import { withoutItself } from '../../../src/calibrate/fit/beside-itself.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import { counted, observed } from './observed.js';

/** Two instances, each busy for half of ten seconds with executions of 2.5 ms: 4000 in all. */
const point = observed(
  { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
  { statistics: [counted('m', 4000, 2500), counted('n', 100, 7000)] },
);
const TWO = { instances: 2, self: 1.5 };

const singleUs = (known: Parameters<typeof withoutItself>[2], of = point, model = 'm') =>
  meanSingleUs(withoutItself([of], 'm', known)[0]!.statistics.filter((each) => each.model === model));

it('executions beside those of another instance for half of the time took a quarter longer, at 1.5 times as long', () => {
  expect(singleUs(TWO)).toBeCloseTo(2000, 3);
});

it('what their threads waited is no inference of theirs', () => {
  const threadWaits = { share: 0.1, longestUs: 4000 };
  // Two threads, each for 2 ms in a tenth of half of the time.
  expect(singleUs({ ...TWO, threadWaits })).toBeCloseTo((2500 - 200) / 1.25, 3);
});

it('one instance, other models and single callers stay as they were measured', () => {
  expect(singleUs({ instances: 1, self: 1.5 })).toBe(2500);
  expect(singleUs(TWO, point, 'n')).toBe(7000);
  const callers = {
    ...point,
    experiment: { kind: 'sequential', id: 'm/s', model: 'm', batchSize: 1 },
  } as const;
  expect(singleUs(TWO, callers)).toBe(2500);
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
  expect(inTurn('first')).toBeCloseTo(2000, 3);
  expect(inTurn('both')).toBeCloseTo(2500 / 1.5, 3);
  expect(inTurn('second')).toBe(2500);
});
