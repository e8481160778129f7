import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.js';
import {
  BusyHistory,
  coldnessUnder,
  TIME_CONSTANTS_MS,
} from '../../../../src/calibrate/fit/pauses/coldness.js';
import { fitPauses } from '../../../../src/calibrate/fit/pauses/fit-pauses.js';
import { idleSamples } from '../../../../src/calibrate/fit/pauses/idle-line.js';
import { fitPausedSpread } from '../../../../src/calibrate/fit/pauses/paused-spread.js';
import type { Observation } from '../../../../src/calibrate/observation.js';
import { coldInferMs, coldnessAfter } from '../../../../src/profile/warmth.js';
import { config } from '../../../support/scenario.js';
import { clientOf, counted, observed } from '../observed.js';

const MODEL = config('m', 1);
const WARM_MS = 4;
const WARMTH = { timeConstantMs: 20, coldSpeed: 0.5 };

/** A sparse load of an instance that is slower when it is cold, or the longer it idled; some take longer for other reasons. */
function sparse(
  inferMs: (coldness: number, idleMs: number) => number,
  noise = 0.05,
  count = 2000,
): Observation {
  const random = new Random(1, 2, 3);
  const sentUs: number[] = [];
  const latenciesUs: number[] = [];
  let [freeMs, coldness] = [0, 1];
  for (let i = 0; i < count; i++) {
    const idleMs = -8 * Math.log(random.nextOpen());
    coldness = coldnessAfter(WARMTH, coldness, idleMs, false);
    const ms = inferMs(coldness, idleMs) * (1 + noise * (random.next() - 0.5)) * (i % 50 === 0 ? 3 : 1);
    sentUs.push(1000 * (freeMs + idleMs));
    latenciesUs.push(1000 * ms);
    coldness = coldnessAfter(WARMTH, coldness, ms, true);
    freeMs += idleMs + ms;
  }
  return observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    {
      statistics: [counted('m', 1000, 1000 * WARM_MS)],
      clients: [{ ...clientOf('m', 4500), sentUs, latenciesUs }],
    },
  );
}

const cold = (coldness: number) => coldInferMs(WARMTH, coldness, WARM_MS);

/** 150 requests/s of 4 ms each: busy for 60 % of the time. */
const DENSE = observed(
  { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
  { statistics: [counted('m', 1500, 1000 * WARM_MS)], clients: [clientOf('m', 6000)] },
);
const SERVICE = [1, 2, 4].map((batchSize) => ({
  batchSize,
  inputMs: 0,
  inferMs: WARM_MS * batchSize,
  outputMs: 0,
  executions: 100,
  relativeError: 0,
}));

function fitted(points: readonly Observation[]) {
  return fitPauses(points, MODEL, { service: SERVICE, perRequest: { inputUs: 0, inferUs: 0 } }, { us: 0 });
}

it('how long an instance takes to warm up and what the cold costs are found in the latencies of a sparse load', () => {
  const { warmth, cooling } = fitted([sparse(cold), DENSE])!;
  expect(cooling).toBeUndefined();
  expect(warmth!.timeConstantMs).toBe(20);
  expect(warmth!.coldSpeed).toBeCloseTo(WARMTH.coldSpeed, 1);
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
  expect(fitted([sparse(cold, 0.05, 50), DENSE])).toBeUndefined();
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

it('executions after a pause spread as the requests of sparse loads did that stayed alone', () => {
  const point = sparse(cold, 0.6);
  const samples = idleSamples([point], MODEL, 0);
  const { leastIdleMs, spread } = fitPausedSpread(
    samples,
    { warmth: WARMTH },
    { wayUs: 0, singleMs: WARM_MS },
  )!;
  expect(leastIdleMs).toBe(0.5);
  const ratios = spread.law === 'empirical' ? spread.ratios : [];
  // Uniform over 30 % to both sides of the usual one, every fiftieth three times as long.
  expect(ratios[Math.floor(0.1 * ratios.length)]).toBeCloseTo((1 - 0.24) / 1.04, 1);
  expect(ratios.at(-1)).toBeGreaterThan(2);
  expect(fitPausedSpread(samples, {}, { wayUs: 0, singleMs: WARM_MS })).toBeUndefined();
});
