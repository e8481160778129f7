import { expect, it } from 'vitest';
import { fitAfterIdle } from '../../../src/calibrate/fit/after-idle.js';
import { clientOf, counted, observed } from './observed.js';

const NO_DRIFT = { factor: 1, deviation: 0 };

/** A thousand single executions in ten seconds, of so long an inference each. */
const alone = (inferUs: number) =>
  observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    { statistics: [counted('m', 1000, inferUs)], clients: [clientOf('m', inferUs)] },
  );

it('what single executions of a sparse load take longer is spread over the time that their instance idled', () => {
  const found = fitAfterIdle([alone(2500)], 'm', 2000, NO_DRIFT)!;
  // Idle for three quarters of the time, for gaps of 10 ms on average, of which the first millisecond counts.
  const meanIdleMs = 0.75 * 10 * (1 - Math.exp(-1 / 10));
  expect(found.msPerIdleMs * meanIdleMs).toBeCloseTo(0.5, 3);
  expect(found).toMatchObject({ freeMs: 0, maxIdleMs: 1 });
});

it('the sparse load counts as it usually was', () => {
  const usual = fitAfterIdle([alone(2500)], 'm', 2000, { factor: 0.9, deviation: 0.1 })!;
  const then = fitAfterIdle([alone(2250)], 'm', 2000, NO_DRIFT)!;
  expect(usual.msPerIdleMs / then.msPerIdleMs).toBeCloseTo(0.775 / 0.75, 2);
});

it('the noise of a point, or no sparse one, adds nothing', () => {
  expect(fitAfterIdle([alone(2050)], 'm', 2000, NO_DRIFT)).toBeUndefined();
  expect(fitAfterIdle([alone(1500)], 'm', 2000, NO_DRIFT)).toBeUndefined();
  expect(fitAfterIdle([], 'm', 2000, NO_DRIFT)).toBeUndefined();
});
