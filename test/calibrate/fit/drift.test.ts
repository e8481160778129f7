import { expect, it } from 'vitest';
import { sparseLoads } from '../../../src/calibrate/fit/counted-loads.js';
import { coldUnder } from '../../../src/calibrate/fit/pauses/warm-up-deficit.js';
import { fitDrift, withDrift } from '../../../src/calibrate/fit/service/drift.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { newValueDeviation } from '../../../src/metrics/statistics/student-t.js';
import { profile } from '../../support/scenario.js';
import { counted, observed } from './observed.js';
import { SERVING } from './simulated-observations.js';

/** A single inference takes 2 ms. */
const MEASURED = profile('m', 2, 0);

const alone = (us: number) =>
  observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    { statistics: [counted('m', 500, us)] },
  );
const dense = (us: number) =>
  observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [counted('m', 3000, us)] },
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
  const points = [dense(2000), alone(2000), later('a', 2000), later('b', 2000, false)];
  expect(fitDrift(points, 'm', MEASURED)).toEqual({ factor: 1, deviation: 0 });
});

it('the usual speed is the median over the times at which the model was alone, whichever of the two it was', () => {
  const points = [alone(2000), later('a', 2400), later('b', 2600, false)];
  const { factor, deviation } = fitDrift(points, 'm', MEASURED);
  expect(factor).toBeCloseTo(1.2, 10);
  const logs = [0, Math.log(1.2), Math.log(1.3)];
  const mean = (logs[0]! + logs[1]! + logs[2]!) / 3;
  const ofSample = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 2);
  expect(deviation).toBeCloseTo(ofSample * newValueDeviation(3), 10);
});

it('from few times what a run at another may be off by is not known well, and counts for more', () => {
  const spreadOver = (times: number) => {
    const points = Array.from({ length: times }, (_, i) => later(`other${i}`, i % 2 === 0 ? 2000 : 2400));
    return fitDrift(points, 'm', MEASURED).deviation;
  };
  expect(spreadOver(4)).toBeGreaterThan(1.3 * spreadOver(20));
});

it('dense loads are times as well where sparse ones are too few', () => {
  expect(fitDrift([dense(2000), alone(2400), later('a', 2200)], 'm', MEASURED).factor).toBeCloseTo(1.1, 10);
});

it('where sparse ones tell, dense ones do not count, unless nothing is ever batched', () => {
  const points = [dense(2000), dense(2000), dense(2000), alone(2400), later('a', 2400), later('b', 2400)];
  expect(fitDrift(points, 'm', MEASURED).factor).toBeCloseTo(1.2, 10);
  const unbatched = { ...MEASURED, service: MEASURED.service.slice(0, 1) };
  expect(fitDrift(points, 'm', unbatched).factor).toBeCloseTo(1.1, 10);
});

it('what idling adds is no drift', () => {
  const warmUpState = { timeConstantMs: 20, coldSpeed: 0.7 };
  const points = [alone, (us: number) => later('a', us), (us: number) => later('b', us)].map((at) => {
    let us = 2000;
    for (let i = 0; i < 5; i++) us = 1000 * coldUnder(warmUpState, 2, sparseLoads([at(us)], 'm')[0]!);
    return at(us);
  });
  expect(fitDrift(points, 'm', { ...MEASURED, warmUpState }).factor).toBe(1);
  expect(fitDrift(points, 'm', MEASURED).factor).toBeGreaterThan(1.1);
});

it('what sleeping threads of an execution take is no drift', () => {
  const phasesByRate = [50, 500].map((requestsPerS) => ({
    requestsPerS,
    executionsPerS: requestsPerS,
    inputUs: 0,
    inferUs: requestsPerS === 50 ? 300 : 0,
    outputUs: 0,
  }));
  const sleeping = { ...MEASURED, serving: { ...SERVING, phasesByRate } };
  expect(fitDrift([alone(2300), alone(2300), alone(2300)], 'm', sleeping).factor).toBe(1);
});

it('a difference as small as the noise of a point moves nothing, but is told; one that is too large counts in part', () => {
  const { factor, deviation } = fitDrift([alone(2000), later('a', 2030), later('b', 2030)], 'm', MEASURED);
  expect(factor).toBe(1);
  expect(deviation).toBeGreaterThan(0.005);
  expect(fitDrift([alone(4000), later('a', 4000), later('b', 4000)], 'm', MEASURED).factor).toBe(1.3);
});

it('a host that others share may be off by more than the minutes of a calibration show', () => {
  const onHost = { isOnHost: true };
  const steady = [alone(2000), later('a', 2000), later('b', 2000)];
  expect(fitDrift(steady, 'm', MEASURED, onHost)).toEqual({ factor: 1, deviation: 0.035 });
  expect(fitDrift(steady.slice(1), 'm', MEASURED, onHost)).toEqual({ factor: 1, deviation: 0.035 });
  const unsteady = [alone(2000), later('a', 2400), later('b', 2600)];
  expect(fitDrift(unsteady, 'm', MEASURED, onHost)).toEqual(fitDrift(unsteady, 'm', MEASURED));
});

it('points of two times alone do not say how fast the machine usually is', () => {
  expect(fitDrift([alone(2000), later('a', 3000)], 'm', MEASURED)).toEqual({ factor: 1, deviation: 0 });
});

it('a profile is as fast as the machine usually is where one is executed alone, and may be off by what that varies', () => {
  const usual = withDrift(MEASURED, { factor: 1.2, deviation: 0.1 });
  for (const [i, { batchSize, inferMs, relativeError }] of usual.service.entries()) {
    const before = MEASURED.service[i]!;
    expect(inferMs).toBeCloseTo((batchSize === 1 ? 1.2 : 1) * before.inferMs, 6);
    expect(relativeError).toBeCloseTo(Math.hypot(before.relativeError, 1.96 * 0.1), 6);
  }
  expect(withDrift(MEASURED, { factor: 1, deviation: 0 })).toEqual(MEASURED);
});
