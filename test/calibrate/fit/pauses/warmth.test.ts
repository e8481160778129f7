import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.js';
import {
  BusyHistory,
  coldnessOfSize,
  coldnessUnder,
  TIME_CONSTANTS_MS,
} from '../../../../src/calibrate/fit/pauses/coldness.js';
import { fitPauses } from '../../../../src/calibrate/fit/pauses/fit-pauses.js';
import { meanColdMs } from '../../../../src/calibrate/fit/pauses/warmth.js';
import type { Observation } from '../../../../src/calibrate/observation.js';
import type { Warmth } from '../../../../src/profile/profile.js';
import { coldInferMs, coldnessAfter } from '../../../../src/profile/warmth.js';
import { config } from '../../../support/scenario.js';
import { clientOf, counted, observed } from '../observed.js';

const MODEL = config('m', 1);
const WARM_MS = 4;
const WARMTH = { timeConstantMs: 20, coldSpeed: 0.5 };

/** What shows of a load besides how long its executions take. */
interface Shown {
  readonly noise?: number;
  readonly count?: number;
  readonly meanIdleMs?: number;
  readonly law?: Warmth;
}

/** A sparse load of an instance that is slower when it is cold, or the longer it idled; some take longer for other reasons. */
function sparse(
  inferMs: (coldness: number, idleMs: number) => number,
  { noise = 0.05, count = 2000, meanIdleMs = 8, law = WARMTH }: Shown = {},
): Observation {
  const random = new Random(1, 2, 3);
  const sentUs: number[] = [];
  const latenciesUs: number[] = [];
  let [freeMs, coldness] = [0, 1];
  for (let i = 0; i < count; i++) {
    const idleMs = -meanIdleMs * Math.log(random.nextOpen());
    coldness = coldnessAfter(law, coldness, idleMs, false);
    const ms = inferMs(coldness, idleMs) * (1 + noise * (random.next() - 0.5)) * (i % 50 === 0 ? 3 : 1);
    sentUs.push(1000 * (freeMs + idleMs));
    latenciesUs.push(1000 * ms);
    coldness = coldnessAfter(law, coldness, ms, true);
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

const cold = (coldness: number) => coldInferMs(WARMTH, coldness, WARM_MS);

/** 150 requests/s of 4 ms each and what the cold adds: busy for more than 60 % of the time. */
function denseUnder(law: Warmth) {
  let ms = WARM_MS;
  const load = () => ({ counted: [counted('m', 1500, 1000 * ms)], durationS: 10 });
  for (let i = 0; i < 10; i++) {
    const coldness = coldnessOfSize(coldnessUnder(load(), law.timeConstantMs), 1);
    ms = meanColdMs(law, coldness, WARM_MS);
  }
  const point = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [counted('m', 1500, 1000 * ms)], clients: [clientOf('m', 6000)] },
  );
  return { ms, point };
}

const { ms: DENSE_MS, point: DENSE } = denseUnder(WARMTH);
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
  const { warmth, cooling, service } = fitted([sparse(cold), DENSE])!;
  expect(cooling).toBeUndefined();
  expect(warmth!.timeConstantMs).toBe(20);
  expect(warmth!.coldSpeed).toBeCloseTo(WARMTH.coldSpeed, 1);
  expect(service[0]!.inferMs / WARM_MS).toBeCloseTo(1, 1);
});

it('an instance that is slower only where it hardly executes is found by loads of different rates', () => {
  const law = { ...WARMTH, coldSpeed: 0.3, power: 4 };
  const inferMs = (coldness: number) => coldInferMs(law, coldness, WARM_MS);
  const { ms, point } = denseUnder(law);
  const loads = [sparse(inferMs, { law }), sparse(inferMs, { law, meanIdleMs: 40, count: 400 })];
  const { warmth } = fitted([...loads, point], ms)!;
  expect(warmth).toMatchObject({ timeConstantMs: 20, power: 4 });
  expect(warmth!.coldSpeed).toBeCloseTo(0.3, 1);
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
    fitted([bySize(timesDense * 1000 * DENSE_MS, larger * 1800 * DENSE_MS, load), dense])!.warmth!
      .timeConstantMs;
  expect(timeConstantMs(timesDense)).toBeGreaterThan(timeConstantMs(1));
});

it('a load that took much longer than the law of the others says makes it colder', () => {
  const loads = [sparse(cold), sparse((coldness) => 1.5 * cold(coldness), { meanIdleMs: 40, count: 400 })];
  const coldest = (points: readonly Observation[]) =>
    coldInferMs(fitted(points)!.warmth!, 1, WARM_MS) / WARM_MS;
  expect(coldest([...loads, DENSE])).toBeGreaterThan(1.05 * coldest([loads[0]!, DENSE]));
});

it('what the dense loads left cold is taken from their service times, from single executions most', () => {
  const { service } = fitted([sparse(cold), DENSE])!;
  const gains = service.map(({ inferMs }, i) => 1 - inferMs / SERVICE[i]!.inferMs);
  expect(gains[0]).toBeGreaterThan(0.1);
  expect(gains[2]).toBeLessThan(gains[0]!);
});

it('where the idle time alone says more, it cools by doublings', () => {
  const { warmth, cooling } = fitted([sparse((_, idleMs) => WARM_MS + 0.4 * Math.log2(1 + idleMs)), DENSE])!;
  expect(warmth).toBeUndefined();
  expect(cooling!.inferMsPerDoubling).toBeGreaterThan(0.1);
});

it('nothing is said of what does not show or was seen too rarely', () => {
  expect(fitted([sparse(() => WARM_MS), DENSE])).toBeUndefined();
  expect(fitted([sparse(cold, { count: 50 }), DENSE])).toBeUndefined();
});

it('without a dense load nobody knows a warm execution', () => {
  const { warmth, cooling } = fitted([sparse(cold)])!;
  expect(warmth).toBeUndefined();
  expect(cooling).toBeDefined();
});

it.each(TIME_CONSTANTS_MS)('a busy history is what the law says, step by step (%s ms)', (timeConstantMs) => {
  const history = new BusyHistory();
  const at = TIME_CONSTANTS_MS.indexOf(timeConstantMs);
  expect(history.executes(1000, 5000)[at]).toBe(1);
  // Waits for the one before, then idles for 3 ms before the next.
  const second = coldnessAfter({ timeConstantMs }, 1, 4, true);
  expect(history.executes(2000, 9000)[at]).toBeCloseTo(second, 12);
  const third = coldnessAfter(
    { timeConstantMs },
    coldnessAfter({ timeConstantMs }, second, 4, true),
    3,
    false,
  );
  expect(history.executes(12_000, 13_000)[at]).toBeCloseTo(third, 12);
});

it('under a load of little memory executions begin as cold as they idle, of long memory as the share of the time that is idle', () => {
  const load = { counted: [counted('m', 500, 4000)], durationS: 10 };
  const [slow] = coldnessUnder(load, 5000);
  expect(mean([...slow!.coldness])).toBeCloseTo(0.8, 1);
  // Nearly every one of them, after a pause that is long for it, is quite cold; those that waited are not.
  const [fast] = coldnessUnder(load, 0.01);
  expect(mean([...fast!.coldness])).toBeCloseTo(0.8, 1);
  expect(coldnessUnder({ counted: [], durationS: 10 }, 20)).toEqual([]);
});
