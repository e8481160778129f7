import { expect, it } from 'vitest';
import { fitPhasesByRate } from '../../../src/calibrate/fit/service/phases-by-rate.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { profile } from '../../support/scenario.js';
import { counted, observed } from './observed.js';

/** A single inference takes 2 ms, known to 1 %. */
const SERVICE = profile('m', 2, 0).service.map((point) => ({ ...point, relativeError: 0.01 }));

const DENSE = observed(
  { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
  { statistics: [counted('m', 3000, 2000)] },
);

function sparse(...inferUs: readonly number[]): Observation[] {
  return inferUs.map((us, i) =>
    observed(
      { kind: 'alone', id: `m/alone-${i}`, model: 'm', busyShare: 0.1 },
      { statistics: [counted('m', 500, us)] },
    ),
  );
}

function longerUs(...inferUs: readonly number[]) {
  const awake = { service: SERVICE, responsePerRequestUs: 0, hasPauses: false };
  return fitPhasesByRate([DENSE, ...sparse(...inferUs)], 'm', awake)?.[0]?.inferUs;
}

it('executions take longer under sparse loads where all of these show it', () => {
  expect(longerUs(2100, 2110, 2090, 2105)).toBeCloseTo(102.5, 1);
});

it('executions take no longer where sparse loads differ by more than their median from the dense ones', () => {
  expect(longerUs(1700, 2080, 2060, 2200)).toBeUndefined();
});

it('executions take no longer by what the service time may be off by', () => {
  expect(longerUs(2015, 2015, 2015, 2015)).toBeUndefined();
  expect(longerUs(2015)).toBeUndefined();
  expect(longerUs(2100)).toBeCloseTo(100, 1);
});
