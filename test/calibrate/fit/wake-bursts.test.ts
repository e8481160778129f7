import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { meanSingleUs } from '../../../src/calibrate/fit/phases.js';
import type { RequestCpu } from '../../../src/calibrate/fit/request-cpu.js';
import { fitWakeBursts, withoutWakeWaits } from '../../../src/calibrate/fit/wake-bursts.js';
import { config, profile } from '../../support/scenario.js';
import { clientOf, counted, observed } from './observed.js';
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

it('an execution waits for all but those of its own instance, the way for all, three times before and once after its end', () => {
  // On one core of ten seconds: a's requests 0.5 s, its executions 0.5 s, b's 2 s. One that finds it busy for a share r waits r / (1 - r) bursts.
  const requestCpu = new Map([
    ['a', { requestCpuUs: 300, clientCpuUs: 200, executionCpuUs: 500 }],
    ['b', { executionCpuUs: 2000 }],
  ]);
  const group = { name: '', kind: 'KIND_CPU', count: 2, gpus: [], passive: false } as const;
  const configs = [config('a', 8), { ...config('b', 8), instanceGroups: [group] }];
  const statistics = [counted('a', 1000, 2000, 3000), counted('b', 1000, 4000, 5000)];
  const client = { ...clientOf('a', 4000), quantilesUs: [3000, 100], latenciesUs: [4000, -1, 100] };
  const point = observed(
    { kind: 'together', id: 'a+b', model: 'a', other: 'b', busyShare: 0.3 },
    {
      statistics,
      slices: statistics,
      turns: [{ turn: 'both', statistics }],
      clients: [client, clientOf('b', 6000)],
    },
  );
  const [found] = withoutWakeWaits([point], configs, { burstUs: 100, cores: 1, requestCpu });
  // 0.3 of the core in all; for a 0.25, for b, of whose two instances one is its own, 0.2.
  const wait = { way: 300 / 7, a: 100 / 3, b: 25 };
  const meanUs = ({ count, ns }: { count: number; ns: number }) => ns / count / 1000;
  for (const [a, b] of [found!.statistics, found!.slices!, found!.turns![0]!.statistics]) {
    expect(meanUs(a!.computeInfer)).toBeCloseTo(2000 - 3 * wait.a, 6);
    expect(meanUs(a!.batches[0]!.computeInfer)).toBeCloseTo(2000 - 3 * wait.a, 6);
    expect(meanUs(a!.success)).toBeCloseTo(3000 - 4 * wait.a, 6);
    expect(meanUs(b!.computeInfer)).toBeCloseTo(4000 - 3 * wait.b, 6);
    expect([a!.queue, a!.computeInput]).toEqual([statistics[0]!.queue, statistics[0]!.computeInput]);
  }
  const lessUs = 4 * wait.a + 4 * wait.way;
  expect(found!.clients[0]!.meanUs).toBeCloseTo(4000 - lessUs, 6);
  expect(found!.clients[1]!.meanUs).toBeCloseTo(6000 - 4 * wait.b - 4 * wait.way, 6);
  // Nothing gets shorter than half, and what had no answer has none.
  expect(found!.clients[0]!.quantilesUs).toEqual([expect.closeTo(3000 - lessUs, 6), 50]);
  expect(found!.clients[0]!.latenciesUs).toEqual([expect.closeTo(4000 - lessUs, 6), -1, 50]);
});

it('the burst of threads is a tenth of what a request takes of the cores, the median over the models that take any', () => {
  const takes = (us: number) => ({ requestCpuUs: us / 2, executionCpuUs: us / 4, clientCpuUs: us / 4 });
  const cpu = new Map<string, RequestCpu>([
    ['none', {}],
    ['a', takes(600)],
    ['b', takes(900)],
    ['c', takes(5000)],
  ]);
  expect(fitWakeBursts(cpu, 2)).toMatchObject({ burstUs: 90, cores: 2 });
});
