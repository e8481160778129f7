import { mean, sampleCorrelation, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { SpeedDriftWalk } from '../../../src/effects/speed-drift/walk.js';
import type { SpeedDrift } from '../../../src/profile/profile.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';

const INFER_MS = 2;
const SPEED_DRIFT: SpeedDrift = { cv: 0.2, timeConstantMs: 100 };

/** One request every 20 ms to each of the models, none of which has to wait: how many times as long each inference took. */
function ratios(
  speedDrifts: readonly (SpeedDrift | undefined)[],
  { seconds = 200, devices = speedDrifts.map(() => 0), eventLoop = false, seed = 1 } = {},
): number[][] {
  const names = speedDrifts.map((_, i) => `m${i}`);
  const models = speedDrifts.map((speedDrift, i) => ({
    config: config(names[i]!, 1),
    profile: profile(names[i]!, INFER_MS, 0, { ...(speedDrift !== undefined && { speedDrift }) }),
    device: devices[i]!,
  }));
  const base = server('s', { models, devices: Math.max(...devices) + 1 });
  const tenants = names.map((name, model) => {
    const arrivalUs = Array.from({ length: seconds * 50 }, (_, i) => i * 20_000 + model * 5000);
    return tenant(name, name, arrivals(arrivalUs), { targets: [{ server: 0, model }] });
  });
  const { log } = simulate({ ...scenario([base], tenants, seconds), seed }, { eventLoop });
  return names.map((_, i) =>
    Array.from(log.calls.inferUs)
      .filter((us, row) => log.tenant[row] === i && us > 0)
      .map((us) => us / 1000 / INFER_MS),
  );
}

function correlation(a: readonly number[], b: readonly number[], apart: number): number {
  const length = Math.min(a.length, b.length) - apart;
  return sampleCorrelation(a.slice(0, length), b.slice(apart, apart + length));
}

describe('the speed drift of a machine', () => {
  it('makes inferences longer and shorter around what they take, as far as its profile says', () => {
    const [found] = ratios([SPEED_DRIFT], { seconds: 1000 });
    expect(mean(found!)).toBeCloseTo(1, 1.5);
    expect(sampleStandardDeviation(found!)).toBeCloseTo(SPEED_DRIFT.cv, 1.5);
  });

  it('is forgotten by its time constant', () => {
    const logs = ratios([SPEED_DRIFT], { seconds: 1000 })[0]!.map(Math.log);
    for (const apart of [1, 5, 10])
      expect(correlation(logs, logs, apart)).toBeCloseTo(
        Math.exp((-20 * apart) / SPEED_DRIFT.timeConstantMs),
        1,
      );
  });

  it('is one for all models of a device, in one component as in two', () => {
    const [first, second] = ratios([SPEED_DRIFT, SPEED_DRIFT]);
    expect(correlation(first!, second!, 0)).toBeGreaterThan(0.9);
    // The second comes 5 ms later, and the speed drift changes every 10 ms: every time is the same.
    expect(second!.slice(0, 200)).toEqual(first!.slice(0, 200));
  });

  it('is another one on another device', () => {
    const [first, second] = ratios([SPEED_DRIFT, SPEED_DRIFT], { devices: [0, 1] });
    expect(Math.abs(correlation(first!, second!, 0))).toBeLessThan(0.2);
  });

  it('has its ups and downs at once for models that feel them more and less', () => {
    const [first, second] = ratios([SPEED_DRIFT, { ...SPEED_DRIFT, cv: 0.05 }]).map((each) =>
      each.map(Math.log),
    );
    expect(correlation(first!, second!, 0)).toBeCloseTo(1, 4);
    expect(sampleStandardDeviation(second!) / sampleStandardDeviation(first!)).toBeCloseTo(0.05 / 0.2, 1);
  });

  it('is the same in both event loops, and another one with another seed', () => {
    const plain = ratios([SPEED_DRIFT, SPEED_DRIFT], { seconds: 20 });
    expect(ratios([SPEED_DRIFT, SPEED_DRIFT], { seconds: 20, eventLoop: true })).toEqual(plain);
    expect(ratios([SPEED_DRIFT, SPEED_DRIFT], { seconds: 20, seed: 2 })).not.toEqual(plain);
  });

  it('changes nothing for models without one', () => {
    const [, second] = ratios([SPEED_DRIFT, undefined], { seconds: 20 });
    expect(new Set(second!.map((each) => each.toFixed(6)))).toEqual(new Set(['1.000000']));
  });

  it('makes queues longer than as much spread of single executions', () => {
    const p99Of = (more: Parameters<typeof profile>[3]) => {
      const models = [{ config: config('m', 1), profile: profile('m', INFER_MS, 0, more) }];
      const load = poisson('t', 400, 160_000);
      const { log } = simulate(scenario([server('s', { models })], [tenant('t', 'm', load)], 400));
      const latencies = Float64Array.from(log.endedUs, (us, row) => us - log.plannedUs[row]!).sort();
      return latencies[Math.floor(0.99 * latencies.length)]!;
    };
    const single = p99Of({ spread: { law: 'lognormal', cv: SPEED_DRIFT.cv } });
    expect(p99Of({ speedDrift: { ...SPEED_DRIFT, timeConstantMs: 500 } })).toBeGreaterThan(1.2 * single);
  });
});

it('a walk that is asked seldom is where it would be had it been asked often', () => {
  const [often, seldom] = [
    new SpeedDriftWalk(SPEED_DRIFT, new Random(1, 2, 3)),
    new SpeedDriftWalk(SPEED_DRIFT, new Random(1, 2, 3)),
  ];
  for (let ms = 0; ms < 5000; ms += 3) often.ratioAt(ms * 1e6);
  expect(seldom.ratioAt(5000e6)).toBe(often.ratioAt(5000e6));
});
