import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.js';
import { fitPauses } from '../../../../src/calibrate/fit/pauses/fit-pauses.js';
import {
  BusyHistory,
  TIME_CONSTANTS_MS,
  warmUpDeficitOfSize,
  warmUpDeficitUnder,
} from '../../../../src/calibrate/fit/pauses/warm-up-deficit.js';
import { coldUnder, meanColdMs } from '../../../../src/calibrate/fit/pauses/warm-up-state.js';
import type { Observation } from '../../../../src/calibrate/observation.js';
import { coldInferMs, warmUpDeficitAfter } from '../../../../src/effects/idle/warm-up-state.js';
import type { WarmUpState } from '../../../../src/profile/profile.js';
import { config } from '../../../support/scenario.js';
import { clientOf, counted, observed } from '../observed.js';

const MODEL = config('m', 1);
const WARM_MS = 4;
const WARM_UP_STATE = { timeConstantMs: 20, coldSpeed: 0.5 };

/** What shows of a load besides how long its executions take. */
interface Shown {
  readonly noise?: number;
  readonly count?: number;
  readonly meanIdleMs?: number;
  readonly law?: WarmUpState;
}

/** A sparse load of an instance that is slower when it is cold, or the longer it idled; some take longer for other reasons. */
function sparse(
  inferMs: (warmUpDeficit: number, idleMs: number) => number,
  { noise = 0.05, count = 2000, meanIdleMs = 8, law = WARM_UP_STATE }: Shown = {},
): Observation {
  const random = new Random(1, 2, 3);
  const sentUs: number[] = [];
  const latenciesUs: number[] = [];
  let [freeMs, warmUpDeficit] = [0, 1];
  for (let i = 0; i < count; i++) {
    const idleMs = -meanIdleMs * Math.log(random.nextOpen());
    warmUpDeficit = warmUpDeficitAfter(law, warmUpDeficit, idleMs, false);
    const ms = inferMs(warmUpDeficit, idleMs) * (1 + noise * (random.next() - 0.5)) * (i % 50 === 0 ? 3 : 1);
    sentUs.push(1000 * (freeMs + idleMs));
    latenciesUs.push(1000 * ms);
    warmUpDeficit = warmUpDeficitAfter(law, warmUpDeficit, ms, true);
    freeMs += idleMs + ms;
  }
  const requestsPerS = (1000 * count) / freeMs;
  return observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    {
      // Counted for 10 s, at the rate and with the mean of the requests above, but for the slow ones.
      statistics: [counted('m', Math.round(10 * requestsPerS), (1000 * mean(latenciesUs)) / 1040)],
      clients: [{ ...clientOf('m', 4500), sentUs, latenciesUs }],
    },
  );
}

const cold = (warmUpDeficit: number) => coldInferMs(WARM_UP_STATE, warmUpDeficit, WARM_MS);

/** 150 requests/s of 4 ms each and what the cold adds: busy for more than 60 % of the time. */
function denseUnder(law: WarmUpState) {
  let ms = WARM_MS;
  const load = () => ({ counted: [counted('m', 1500, 1000 * ms)], durationS: 10 });
  for (let i = 0; i < 10; i++) {
    const warmUpDeficit = warmUpDeficitOfSize(warmUpDeficitUnder(load(), law.timeConstantMs), 1);
    ms = meanColdMs(law, warmUpDeficit, WARM_MS);
  }
  const point = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [counted('m', 1500, 1000 * ms)], clients: [clientOf('m', 6000)] },
  );
  return { ms, point };
}

const { ms: DENSE_MS, point: DENSE } = denseUnder(WARM_UP_STATE);
const SERVICE = [1, 2, 4].map((batchSize) => ({
  batchSize,
  inputMs: 0,
  inferMs: DENSE_MS * batchSize,
  outputMs: 0,
  executions: 100,
  relativeError: 0,
}));

function fitted(points: readonly Observation[], singleMs = DENSE_MS) {
  const service = SERVICE.map((point) => (point.batchSize === 1 ? { ...point, inferMs: singleMs } : point));
  return fitPauses(points, MODEL, { service }, { us: 0 });
}

it('how long an instance takes to warm up and what the cold costs are found in the latencies of a sparse load', () => {
  const { warmUpState, service } = fitted([sparse(cold), DENSE])!;
  expect(warmUpState!.timeConstantMs).toBe(20);
  expect(warmUpState!.coldSpeed).toBeCloseTo(WARM_UP_STATE.coldSpeed, 1);
  expect(service[0]!.inferMs / WARM_MS).toBeCloseTo(1, 1);
});

it('an instance that is slower only where it hardly executes is found by loads of different rates', () => {
  const law = { ...WARM_UP_STATE, coldSpeed: 0.3, power: 4 };
  const inferMs = (warmUpDeficit: number) => coldInferMs(law, warmUpDeficit, WARM_MS);
  const { ms, point } = denseUnder(law);
  const loads = [sparse(inferMs, { law }), sparse(inferMs, { law, meanIdleMs: 40, count: 400 })];
  const { warmUpState } = fitted([...loads, point], ms)!;
  expect(warmUpState).toMatchObject({ timeConstantMs: 20, power: 4 });
  expect(warmUpState!.coldSpeed).toBeCloseTo(0.3, 1);
});

it('where executions that follow another one are as much longer, it takes more than one to warm up', () => {
  const bySize = (singleUs: number, largerUs: number, each: Observation): Observation => {
    const [counts] = each.statistics;
    const times = (us: number, count: number) => ({ count, ns: 1000 * us * count });
    const [single] = counts!.batches;
    const singles = { ...single!, computeInfer: times(singleUs, single!.computeInfer.count) };
    const larger = { ...single!, batchSize: 2, computeInfer: times(largerUs, 200) };
    return { ...each, statistics: [{ ...counts!, batches: [singles, larger] }] };
  };
  // So noisy that the latencies alone hardly tell.
  const load = sparse(cold, { noise: 1 });
  const timesDense = 1.2;
  const dense = bySize(1000 * DENSE_MS, 1800 * DENSE_MS, DENSE);
  const timeConstantMs = (larger: number) =>
    fitted([bySize(timesDense * 1000 * DENSE_MS, larger * 1800 * DENSE_MS, load), dense])!.warmUpState!
      .timeConstantMs;
  expect(timeConstantMs(timesDense)).toBeGreaterThan(timeConstantMs(1));
});

it('a load that took much longer than the law of the others says makes it colder', () => {
  const loads = [
    sparse(cold),
    sparse((warmUpDeficit) => 1.5 * cold(warmUpDeficit), { meanIdleMs: 40, count: 400 }),
  ];
  const coldest = (points: readonly Observation[]) =>
    coldInferMs(fitted(points)!.warmUpState!, 1, WARM_MS) / WARM_MS;
  expect(coldest([...loads, DENSE])).toBeGreaterThan(1.05 * coldest([loads[0]!, DENSE]));
});

it('what the dense loads left cold is taken from their service times, from single executions most', () => {
  const { service } = fitted([sparse(cold), DENSE])!;
  const gains = service.map(({ inferMs }, i) => 1 - inferMs / SERVICE[i]!.inferMs);
  expect(gains[0]).toBeGreaterThan(0.1);
  expect(gains[2]).toBeLessThan(gains[0]!);
});

it('an instance that cools by doublings of its idle time is followed to within 5 % of what that costs', () => {
  const load = sparse((_, idleMs) => WARM_MS + 0.4 * Math.log2(1 + idleMs));
  const { warmUpState, service } = fitted([load, DENSE])!;
  const { statistics, durationS } = load;
  const predictedMs = coldUnder(warmUpState, service[0]!.inferMs, { counted: statistics, durationS });
  const { latenciesUs } = load.clients[0]!;
  expect(Math.abs((1000 * 1.04 * predictedMs) / mean(latenciesUs!) - 1)).toBeLessThan(0.05);
});

it('nothing is said of what does not show or was seen too rarely', () => {
  expect(fitted([sparse(() => WARM_MS), DENSE])).toBeUndefined();
  expect(fitted([sparse(cold, { count: 50 }), DENSE])).toBeUndefined();
});

it('without a dense load nobody knows a warm execution', () => {
  expect(fitted([sparse(cold)])).toBeUndefined();
});

it.each(TIME_CONSTANTS_MS)('a busy history is what the law says, step by step (%s ms)', (timeConstantMs) => {
  const history = new BusyHistory();
  const at = TIME_CONSTANTS_MS.indexOf(timeConstantMs);
  expect(history.executes(1000, 5000)[at]).toBe(1);
  // Waits for the one before, then idles for 3 ms before the next.
  const second = warmUpDeficitAfter({ timeConstantMs }, 1, 4, true);
  expect(history.executes(2000, 9000)[at]).toBeCloseTo(second, 12);
  const third = warmUpDeficitAfter(
    { timeConstantMs },
    warmUpDeficitAfter({ timeConstantMs }, second, 4, true),
    3,
    false,
  );
  expect(history.executes(12_000, 13_000)[at]).toBeCloseTo(third, 12);
});

it('under a load of little memory executions begin as cold as they idle, of long memory as the share of the time that is idle', () => {
  const load = { counted: [counted('m', 500, 4000)], durationS: 10 };
  const [slow] = warmUpDeficitUnder(load, 5000);
  expect(mean([...slow!.warmUpDeficit])).toBeCloseTo(0.8, 1);
  // Nearly every one of them, after a pause that is long for it, is quite cold; those that waited are not.
  const [fast] = warmUpDeficitUnder(load, 0.01);
  expect(mean([...fast!.warmUpDeficit])).toBeCloseTo(0.8, 1);
  expect(warmUpDeficitUnder({ counted: [], durationS: 10 }, 20)).toEqual([]);
});
