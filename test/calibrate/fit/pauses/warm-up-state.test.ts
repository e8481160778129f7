import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { bySparsity } from '../../../../src/calibrate/fit/counted-loads.js';
import { fitPauses } from '../../../../src/calibrate/fit/pauses/fit-pauses.js';
import {
  coldUnder,
  meanColdMs,
  meanWarmMs,
  warmUpDeficitUnder,
} from '../../../../src/calibrate/fit/pauses/warm-up-deficit.js';
import type { Observation } from '../../../../src/calibrate/observation.js';
import type { WarmUpState } from '../../../../src/profile/profile.js';
import { clientOf, counted, observed } from '../observed.js';

const WARM_MS = 4;
const LAW = { timeConstantMs: 20, coldSpeed: 0.5 };

/** A load of ten seconds as the server counts it whose instance follows the law; executions take `times` as long. */
function load(kind: 'alone' | 'poisson', requests: number, { law = LAW as WarmUpState, times = 1 } = {}) {
  let ms = WARM_MS;
  const statistics = () => [counted('m', requests, 1000 * ms * times)];
  for (let i = 0; i < 10; i++)
    ms = coldUnder(law, WARM_MS, { counted: [counted('m', requests, 1000 * ms)], durationS: 10 });
  const experiment =
    kind === 'alone'
      ? ({ kind, id: 'm/alone', model: 'm', busyShare: 0.4 } as const)
      : ({ kind, id: 'm/poisson-60', model: 'm', loadShare: 0.6 } as const);
  return observed(experiment, { statistics: statistics(), clients: [clientOf('m', 6000)] });
}

const DENSE = load('poisson', 1500);
const SPARSE = load('alone', 700);

function fitted(points: readonly Observation[]) {
  const dense = points.find(({ experiment }) => experiment.kind === 'poisson') ?? DENSE;
  const denseMs = dense.statistics[0]!.computeInfer.ns / dense.statistics[0]!.computeInfer.count / 1e6;
  const service = [1, 2, 4].map((batchSize) => ({
    batchSize,
    inputMs: 0,
    inferMs: denseMs * batchSize,
    outputMs: 0,
    executions: 100,
    relativeError: 0,
  }));
  return { service, fit: fitPauses(points, 'm', service) };
}

it('the speed of a cold instance and its warm service time are found from sparse and dense loads', () => {
  const { warmUpState, service } = fitted([SPARSE, DENSE]).fit!;
  expect(warmUpState.timeConstantMs).toBe(20);
  expect(warmUpState.coldSpeed).toBeCloseTo(LAW.coldSpeed, 2);
  expect(service[0]!.inferMs / WARM_MS).toBeCloseTo(1, 2);
});

it('one load in three under which the machine was slower does not move it', () => {
  const slow = load('alone', 700, { times: 1.3 });
  expect(fitted([SPARSE, slow, SPARSE, DENSE]).fit).toEqual(fitted([SPARSE, DENSE]).fit);
});

it('a sparser load that took much longer than the law of the others says makes it colder', () => {
  const sparser = load('alone', 200, { times: 1.5 });
  expect(fitted([SPARSE, sparser, DENSE]).fit!.warmUpState.coldSpeed).toBeLessThan(0.95 * LAW.coldSpeed);
});

it('an instance with another law is followed to within 5 % of what that costs', () => {
  for (const law of [
    { timeConstantMs: 5, coldSpeed: 0.65, power: 4 },
    { timeConstantMs: 80, coldSpeed: 0.5 },
  ]) {
    const [dense, usual, sparser] = [
      load('poisson', 1500, { law }),
      load('alone', 700, { law }),
      load('alone', 200, { law }),
    ];
    const { warmUpState, service } = fitted([usual, sparser, dense]).fit!;
    for (const { statistics, durationS } of [usual, sparser]) {
      const predictedMs = coldUnder(warmUpState, service[0]!.inferMs, { counted: statistics, durationS });
      const { count, ns } = statistics[0]!.computeInfer;
      expect(Math.abs(predictedMs / (ns / count / 1e6) - 1)).toBeLessThan(0.05);
    }
  }
});

it('what the dense loads left cold is taken from their service times, from single executions most', () => {
  const { service, fit } = fitted([SPARSE, DENSE]);
  const gains = fit!.service.map(({ inferMs }, i) => 1 - inferMs / service[i]!.inferMs);
  expect(gains[0]).toBeGreaterThan(0.1);
  expect(gains[2]).toBeLessThan(gains[0]!);
});

it('nothing is said of what does not show or was seen too rarely', () => {
  const always = { law: { timeConstantMs: 20, coldSpeed: 1 } };
  expect(fitted([load('alone', 700, always), load('poisson', 1500, always)]).fit).toBeUndefined();
  expect(fitted([load('alone', 99), DENSE]).fit).toBeUndefined();
});

it('without a dense load nobody knows a warm execution', () => {
  expect(fitted([SPARSE]).fit).toBeUndefined();
});

it('what an inference would take warm gives what it takes cold', () => {
  const warmUpDeficit = [0.1, 0.5, 0.9, 1];
  const tookMs = meanColdMs(LAW, warmUpDeficit, WARM_MS);
  expect(meanWarmMs(LAW, warmUpDeficit, tookMs)).toBeCloseTo(WARM_MS, 3);
});

it('under a load of little memory executions begin as cold as they idle, of long memory as the share of the time that is idle', () => {
  const sparse = { counted: [counted('m', 500, 4000)], durationS: 10 };
  const [slow] = warmUpDeficitUnder(sparse, 5000);
  expect(mean([...slow!.warmUpDeficit])).toBeCloseTo(0.8, 1);
  // Nearly every one of them, after a pause that is long for it, is quite cold; those that waited are not.
  const [fast] = warmUpDeficitUnder(sparse, 0.01);
  expect(mean([...fast!.warmUpDeficit])).toBeCloseTo(0.8, 1);
  expect(warmUpDeficitUnder({ counted: [], durationS: 10 }, 20)).toEqual([]);
});

it('loads below half of the densest rate are sparser ones', () => {
  const loads = [10, 4.9, 5, 1].map((requestsPerS) => ({ requestsPerS }));
  expect(bySparsity(loads)).toEqual({ usual: [loads[0], loads[2]], sparser: [loads[1], loads[3]] });
});
