import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import { fitWakeBursts, withoutWakeWaits } from '../../../src/calibrate/fit/wake-bursts.js';
import { config, profile } from '../../support/scenario.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

const CPU = { requestCpuUs: 400, executionCpuUs: 300, clientCpuUs: 200 };
const WAITING = {
  config: config('m', 8, {}),
  profile: profile('m', 1, 0.1, { device: 'CPU', serving: { ...SERVING, ...CPU } }),
};
const DENSE: Experiment = { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.65 };
const CALLERS: Experiment = { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 };

const measuredWith = (wakeBurstUs: number, experiment: Experiment = DENSE) =>
  simulatedObservation({ models: [WAITING], serving: { ...SERVING, wakeBurstUs } }, experiment, 20);

describe('what threads wait for each other under the load of a calibration', () => {
  const bursts = fitWakeBursts(new Map([['m', CPU]]), 2)!;

  it('comes from bursts in which each of the threads that a request wakes takes its part', () => {
    expect(bursts.burstUs).toBe(90);
    expect(fitWakeBursts(new Map([['m', CPU]]), undefined)).toBeUndefined();
    expect(fitWakeBursts(new Map([['m', {}]]), 2)).toBeUndefined();
  });

  it('is no part of what executions take, nor of the way', () => {
    const [hindered, free] = [measuredWith(bursts.burstUs), measuredWith(0)];
    const [found] = withoutWakeWaits([hindered], [WAITING.config], bursts);
    const singleUs = (point: typeof free) => meanSingleUs(point.statistics)!;
    expect(singleUs(hindered) / singleUs(free)).toBeGreaterThan(1.01);
    expect(Math.abs(singleUs(found!) / singleUs(free) - 1)).toBeLessThan(0.01);
    const wayUs = ({ clients, statistics }: typeof free) =>
      clients[0]!.meanUs - statistics[0]!.success.ns / statistics[0]!.success.count / 1000;
    expect(wayUs(hindered) / wayUs(free)).toBeGreaterThan(1.1);
    expect(Math.abs(wayUs(found!) / wayUs(free) - 1)).toBeLessThan(0.05);
  });

  it('is nothing under callers, and where nothing was counted', () => {
    const called = measuredWith(bursts.burstUs, CALLERS);
    expect(withoutWakeWaits([called], [WAITING.config], bursts)).toEqual([called]);
    const points = [measuredWith(0)];
    expect(withoutWakeWaits(points, [WAITING.config], undefined)).toBe(points);
  });
});
