import { expect, test } from 'vitest';
import { requireNobodyElse } from '../../src/calibrate/somebody-else.js';
import { counted } from './fit/observed.js';

const check = (successes: number, own: number) => () =>
  requireNobodyElse([counted('m', successes, 1000, 1000)], () => own);

test('a point is refused when the server counted requests of somebody else', () => {
  expect(check(300, 200)).toThrow(
    'the server counted 300 requests to "m" where 200 were sent: somebody else uses it',
  );
});

test('what a monitor asks, and a few counted late, refuse no point', () => {
  expect(check(14, 10)).not.toThrow();
  expect(check(1040, 1000)).not.toThrow();
  expect(check(180, 200)).not.toThrow();
});
