import { expect, test } from 'vitest';
import { steadyAnswersOf } from '../../src/calibrate/steady-answers.js';

const MS = 1000;

/** Three clients whose requests are executed together, and answers of such executions at these times. */
function answers(...endedMs: number[]): Float64Array {
  return Float64Array.from(endedMs.flatMap((ms) => [ms, ms + 0.02, ms + 0.04].map((each) => each * MS)));
}

test('answers count between the first execution and the last', () => {
  const { completed, us } = steadyAnswersOf(answers(10, 14, 18, 22), { executionUs: 4 * MS, requests: 3 })!;
  expect(completed).toBe(9);
  expect(us / completed).toBeCloseTo((4 * MS) / 3, -1);
});

test('a sleep of the batcher that nobody woke is no time of the instance', () => {
  const { completed, us, sleeps } = steadyAnswersOf(answers(10, 14, 518, 522, 1026, 1030), {
    executionUs: 4 * MS,
    requests: 3,
  })!;
  expect(sleeps).toBe(2);
  expect(completed).toBe(15);
  expect(us / completed).toBeCloseTo((4 * MS) / 3, -1);
});

test('nor is a sleep that began before the answer left that came before it', () => {
  // The third execution is answered 10 ms late; the sleep ends 500 ms after its end.
  const { completed, us } = steadyAnswersOf(answers(10, 14, 28, 522, 526, 530), {
    executionUs: 4 * MS,
    requests: 3,
  })!;
  expect(completed).toBe(15);
  expect(us / completed).toBeCloseTo((4 * MS) / 3, -1);
});

test('executions that take as long as a sleep are none', () => {
  const { completed, us } = steadyAnswersOf(answers(600, 1200, 1800), {
    executionUs: 600 * MS,
    requests: 3,
  })!;
  expect(us / completed).toBeCloseTo((600 * MS) / 3, -2);
});

test('one answer tells no rate', () => {
  expect(steadyAnswersOf(Float64Array.of(4), { executionUs: 4, requests: 1 })).toBeUndefined();
});

test('answers of one execution that come within a part of its length are of that one', () => {
  const spread = [0, 0.2, 0.4, 0.6].map((later) => [10, 14, 18].map((ms) => (ms + later) * MS));
  const ended = Float64Array.from(spread.flat());
  const { completed } = steadyAnswersOf(ended, { executionUs: 4 * MS, requests: 4 })!;
  expect(completed).toBe(8);
});
