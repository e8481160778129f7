import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.js';
import { idleSamples } from '../../../../src/calibrate/fit/pauses/idle-line.js';
import { levelsOf } from '../../../../src/calibrate/fit/pauses/levels.js';
import { fitLogIdlePenalty } from '../../../../src/calibrate/fit/pauses/log-idle-penalty.js';
import { pauseMsUnder } from '../../../../src/calibrate/fit/pauses/under-load.js';
import type { Observation } from '../../../../src/calibrate/observation.js';
import type { ModelStatistics } from '../../../../src/live/inference-client.js';
import type { RatedDelays } from '../../../../src/profile/serving.js';
import { config } from '../../../support/scenario.js';
import { clientOf, counted, observed } from '../observed.js';

const SINGLE_US = 2000;
const PER_DOUBLING_US = 150;

/** Requests after idle times of 0 to 40 ms, in sequence; every tenth takes ten times as long for reasons of its own. */
function sparse(perDoublingUs: number, count = 1000, noise = 0.1) {
  const random = new Random(1, 2, 3);
  const sentUs: number[] = [];
  const latenciesUs: number[] = [];
  let freeUs = 0;
  for (let i = 0; i < count; i++) {
    const idleMs = 40 * random.next();
    const us = freeUs + 1000 * idleMs;
    const slow = i % 50 === 0 ? 10 : 1;
    const latencyUs =
      slow * (SINGLE_US + perDoublingUs * Math.log2(1 + idleMs)) * (1 + noise * (random.next() - 0.5));
    sentUs.push(us);
    latenciesUs.push(latencyUs);
    freeUs = us + latencyUs;
  }
  return { sentUs, latenciesUs };
}

const alone = (requests: ReturnType<typeof sparse>): Observation =>
  observed(
    { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 },
    { statistics: [counted('m', 1000, 2300)], clients: [{ ...clientOf('m', 2300), ...requests }] },
  );

/** What the points of a calibration say of model `m`. */
function fitted(points: readonly Observation[], networkDelayByRate?: readonly RatedDelays[]) {
  const samples = idleSamples(points, config('m', 1), () => 0);
  return fitLogIdlePenalty(
    { samples, levels: levelsOf(points, 'm') },
    points,
    'm',
    SINGLE_US,
    networkDelayByRate,
  );
}

it('each doubling of the idle time takes so much, whatever a few slow requests say', () => {
  const { logIdlePenalty, denseExtraUs } = fitted([alone(sparse(PER_DOUBLING_US))])!;
  expect(1000 * logIdlePenalty.inferMsPerDoubling).toBeCloseTo(PER_DOUBLING_US, -1);
  expect(denseExtraUs).toBe(0);
});

it('the network delay takes its part of that where it depends on the rate', () => {
  const delays = (requestsPerS: number, us: number) => ({
    requestsPerS,
    requestDelayUs: us / 2,
    responseDelayUs: us / 2,
  });
  const points = [alone(sparse(PER_DOUBLING_US))];
  const whole = fitted(points)!.logIdlePenalty.inferMsPerDoubling;
  const rest = fitted(points, [delays(100, 300), delays(1000, 200)])!.logIdlePenalty.inferMsPerDoubling;
  expect(rest).toBeLessThan(whole - 0.03);
  // More than all of it: nothing is left for the execution.
  expect(fitted(points, [delays(100, 900), delays(1000, 100)])).toBeUndefined();
});

it('a dense load idled as well: its single executions hold a part of it', () => {
  const dense = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [counted('m', 4000, 1500)], clients: [{ ...clientOf('m', 2000), completed: 4000 }] },
  );
  const { logIdlePenalty, denseExtraUs } = fitted([alone(sparse(PER_DOUBLING_US)), dense])!;
  // Idle for 40 % of the time, 2.5 ms on average: 1.54 doublings.
  expect(denseExtraUs / (400 * logIdlePenalty.inferMsPerDoubling)).toBeCloseTo(1.54, 1);
});

it.each([1, 4, 16])('doublings count from when on the latencies say: %s ms', (fromMs) => {
  const usual = sparse(0, 4000);
  const idleMs = usual.sentUs.map((us, i) =>
    i === 0 ? 0 : (us - usual.sentUs[i - 1]! - usual.latenciesUs[i - 1]!) / 1000,
  );
  const latenciesUs = usual.latenciesUs.map((us, i) => us + 600 * Math.log2(1 + idleMs[i]! / fromMs));
  const sentUs: number[] = [];
  for (const [i, ms] of idleMs.entries())
    sentUs.push(i === 0 ? usual.sentUs[0]! : sentUs[i - 1]! + latenciesUs[i - 1]! + 1000 * ms);
  const { logIdlePenalty } = fitted([alone({ sentUs, latenciesUs })])!;
  for (const ms of [3, 10, 40]) {
    const extraUs = (from: number, us: number) => us * (Math.log2(1 + ms / from) - Math.log2(1 + 1 / from));
    const expectedUs = extraUs(fromMs, 600);
    expect(extraUs(logIdlePenalty.fromMs, 1000 * logIdlePenalty.inferMsPerDoubling) / expectedUs).toBeCloseTo(
      1,
      0.7,
    );
  }
});

it('what sparse executions take longer besides, after any pause, clients that come back at once do not pay', () => {
  const dense = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [counted('m', 4900, SINGLE_US)], clients: [clientOf('m', 2200)] },
  );
  const later = (other: string, us: number) =>
    observed(
      { kind: 'together', id: `m/together-with-${other}`, model: 'm', other, busyShare: 0.4 },
      { turns: [{ turn: 'first', statistics: [counted('m', 200, us)] }] },
    );
  const after = (us: number) =>
    fitted([alone(sparse(PER_DOUBLING_US)), dense, later('a', us), later('b', us)])!;
  const { logIdlePenalty, linearIdlePenalty } = after(2500)!;
  // Half of them found their instance idle, for 5 ms on average.
  const counts = [counted('m', 200, 2500)];
  const extraMs = pauseMsUnder(
    { logIdlePenalty, ...(linearIdlePenalty && { linearIdlePenalty }) },
    SINGLE_US / 1000,
    {
      counted: counts,
      durationS: 1,
    },
  );
  expect(extraMs).toBeCloseTo(0.5, 1);
  expect(linearIdlePenalty).toMatchObject({ freeMs: 0.5, maxIdleMs: 1 });
  expect(after(2100)).not.toHaveProperty('linearIdlePenalty');
});

describe('a machine that was slower in sparse loads than in dense ones', () => {
  /** With pairs of requests, of so long an inference each. */
  const withPairs = (statistics: ModelStatistics, executions: number, us: number): ModelStatistics => {
    const [row] = counted('m', executions, us).batches;
    return { ...statistics, batches: [...statistics.batches, { ...row!, batchSize: 2 }] };
  };
  const dense = observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    {
      statistics: [withPairs(counted('m', 4900, SINGLE_US), 500, 3000)],
      clients: [clientOf('m', 2200)],
    },
  );
  const later = (other: string, pairUs: number, pairs: number) =>
    observed(
      { kind: 'together', id: `m/together-with-${other}`, model: 'm', other, busyShare: 0.4 },
      { turns: [{ turn: 'first', statistics: [withPairs(counted('m', 200, 2600), pairs, pairUs)] }] },
    );
  const restart = (pairUs: number, pairs = 20) =>
    fitted([alone(sparse(PER_DOUBLING_US)), dense, later('a', pairUs, pairs), later('b', pairUs, pairs)])!
      .linearIdlePenalty;

  it('is told from pauses by executions of several requests, which no pause came before', () => {
    expect(restart(3000)).toBeDefined();
    expect(restart(1.3 * 3000)).toBeUndefined();
  });

  it('is not where there are too few of these', () => {
    expect(restart(1.3 * 3000, 2)).toBeDefined();
  });
});

it('requests that came while another was under way, or in the turns of both models, do not count', () => {
  const { sentUs, latenciesUs } = sparse(0);
  const together = observed(
    { kind: 'together', id: 'm/together-with-n', model: 'm', other: 'n', busyShare: 0.4 },
    {
      clients: [
        // In turns of both (0, 3, 6 ... s) everything takes longer the longer it idled.
        {
          ...clientOf('m', 2300),
          sentUs,
          latenciesUs: latenciesUs.map((us, i) =>
            Math.floor(sentUs[i]! / 1e6) % 3 === 0 ? us + 9 * (sentUs[i]! % 1e6) : us,
          ),
        },
      ],
    },
  );
  expect(fitted([together])).toBeUndefined();
});

it('nothing is said of what does not show, was not kept, or was seen too rarely', () => {
  expect(fitted([alone(sparse(0))])).toBeUndefined();
  expect(fitted([alone(sparse(-PER_DOUBLING_US))])).toBeUndefined();
  expect(fitted([alone({ sentUs: [], latenciesUs: [] })])).toBeUndefined();
  expect(fitted([])).toBeUndefined();
});
