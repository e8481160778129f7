import { expect, it } from 'vitest';
import { fitDrift, withDrift } from '../../../src/calibrate/fit/drift.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { profile } from '../../support/scenario.js';
import { counted, observed } from './observed.js';

const alone = (us: number) =>
  observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    { statistics: [counted('m', 500, us)] },
  );

/** Met another model at another time of the calibration, when it took so long by itself. */
function later(other: string, us: number, isFirst = true): Observation {
  const names = isFirst ? { model: 'm', other } : { model: other, other: 'm' };
  const own = isFirst ? 'first' : 'second';
  return observed(
    { kind: 'together', id: `${names.model}/together-with-${names.other}`, ...names, busyShare: 0.4 },
    {
      turns: [
        { turn: 'both', statistics: [counted('m', 200, 9 * us)] },
        { turn: own, statistics: [counted('m', 200, us)] },
      ],
    },
  );
}

it('a machine as fast later as in the beginning has no drift', () => {
  const points = [alone(2000), later('a', 2000), later('b', 2000, false)];
  expect(fitDrift(points, 'm')).toEqual({ factor: 1, deviation: 0 });
});

it('the usual speed is the median over the times at which the model was alone, whichever of the two it was', () => {
  const { factor, deviation } = fitDrift([alone(2000), later('a', 2400), later('b', 2600, false)], 'm');
  expect(factor).toBeCloseTo(1.2, 10);
  const logs = [0, Math.log(1.2), Math.log(1.3)];
  const mean = (logs[0]! + logs[1]! + logs[2]!) / 3;
  expect(deviation).toBeCloseTo(Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 2), 10);
});

it('a difference as small as the noise of a point moves nothing, but is told', () => {
  const { factor, deviation } = fitDrift([alone(2000), later('a', 2030), later('b', 2030)], 'm');
  expect(factor).toBe(1);
  expect(deviation).toBeGreaterThan(0.005);
});

it('two times, or no first one, say nothing', () => {
  expect(fitDrift([alone(2000), later('a', 3000)], 'm')).toEqual({ factor: 1, deviation: 0 });
  expect(fitDrift([later('a', 2000), later('b', 3000), later('c', 4000)], 'm').factor).toBe(1);
});

it('a profile may be off by what the speed varies', () => {
  const measured = profile('m', 2, 0.5);
  const usual = withDrift(measured, { factor: 1.2, deviation: 0.1 });
  for (const [i, { inferMs, relativeError }] of usual.service.entries()) {
    const before = measured.service[i]!;
    expect(inferMs).toBe(before.inferMs);
    expect(relativeError).toBeCloseTo(Math.hypot(before.relativeError, 1.96 * 0.1), 6);
  }
  expect(withDrift(measured, { factor: 1, deviation: 0 })).toEqual(measured);
});
