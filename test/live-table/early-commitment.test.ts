import { describe, expect, it } from 'vitest';
import { explainTenant } from '../../src/report/explain-tenant.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { config, lengthOf, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

/** Mean and median latency in milliseconds. */
type Latency = readonly [meanMs: number, p50Ms: number];

interface Row {
  readonly delayUs: number;
  readonly instances: number;
  readonly ratePerS: number;
  /** What the server did without and with a queue limit; several runs averaged; absent where not measured. */
  readonly live: Latency;
  readonly liveLimited?: Latency;
  /** What the reference of the batching rules gives, early and late binding. */
  readonly reference: Latency;
  readonly referenceLimited: Latency;
}

/**
 * A live Triton 24.10 (python backend on a CPU) with a model that sleeps 2.15 + 0.29 b ms for b
 * inferences, max_batch_size 8, Poisson arrivals from perf_analyzer for 30 s; beside it the reference
 * of the rules at the same service times. Measured on 2026-11-24 for this project, on two cores: "The wake
 * rule, measured" in the design notes, triton-cpu.md; our own figures, no licence needed.
 */
const TABLE: readonly Row[] = [
  row([0, 1, 600], [4.31, 4.32], undefined, [4.29, 4.31], [4.29, 4.31]),
  row([500, 1, 200], [3.75, 3.34], [3.93, 3.28], [3.72, 3.14], [3.56, 3.14]),
  row([500, 1, 600], [5.41, 5.09], [4.59, 4.28], [5.45, 5.35], [4.34, 4.26]),
  row([500, 1, 1300], [8.5, 8.0], [6.66, 6.24], [8.39, 8.2], [5.91, 5.77]),
  row([2000, 1, 1000], [6.43, 6.06], [5.81, 5.44], [6.52, 6.4], [5.3, 5.23]),
  // At 84 % load time between executions, which the service times do not show, fills the live server's capacity.
  row([0, 1, 1500], [7.3, 6.85], undefined, [6.89, 6.57], [6.9, 6.58]),
  row([500, 1, 1500], [11.95, 10.91], [9.13, 7.72], [10.92, 10.29], [6.91, 6.58]),
  row([500, 2, 1500], [4.71, 4.27], [4.3, 3.9], [4.54, 4.47], [4.1, 3.87]),
  row([2000, 1, 1500], [13.1, 10.65], [9.48, 7.48], [10.43, 9.69], [6.93, 6.59]),
  row([8000, 1, 1500], [10.8, 8.32], undefined, [7.97, 7.87], [7.98, 7.88]),
];

function row(
  [delayUs, instances, ratePerS]: readonly [number, number, number],
  live: Latency,
  liveLimited: Latency | undefined,
  reference: Latency,
  referenceLimited: Latency,
): Row {
  const measured = liveLimited === undefined ? {} : { liveLimited };
  return { delayUs, instances, ratePerS, live, ...measured, reference, referenceLimited };
}

/** Half of the 0.19 ms that client, transport and server took around queue and execution. */
const TRANSPORT = {
  requestDelayUs: 95,
  responseDelayUs: 95,
  requestBytesPerUs: Infinity,
  responseBytesPerUs: Infinity,
};
/** A limit that is never reached: what it changes is when batches are committed. */
const LIMIT = 1e6;

function sleepingModel({ delayUs, instances, ratePerS }: Row, maxQueueSize: number): Scenario {
  const batching = { maxQueueDelayUs: delayUs, defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize } };
  const model = { config: config('m', 8, batching), profile: profile('m', 2.15, 0.29), instances };
  const load = poisson(`live ${ratePerS}`, ratePerS, 40_000);
  const host = server('s', { models: [model], wakeUs: 5, pickUpUs: 2, more: { network: TRANSPORT } });
  return scenario([host], [tenant('t', 'm', load)], lengthOf(load, 1));
}

/** Several tests ask for the same. */
const known = new Map<string, Latency>();

function simulated(setting: Row, maxQueueSize: number): Latency {
  const key = `${told(setting)}, limit ${maxQueueSize}`;
  if (!known.has(key)) known.set(key, latencyOf(setting, maxQueueSize));
  return known.get(key)!;
}

function latencyOf(setting: Row, maxQueueSize: number): Latency {
  const { log } = simulate(sleepingModel(setting, maxQueueSize));
  const latencyMs = log.endedUs.map((us, i) => (us - log.plannedUs[i]!) / 1000).sort();
  const meanMs = latencyMs.reduce((sum, ms) => sum + ms, 0) / latencyMs.length;
  return [meanMs, latencyMs[latencyMs.length >> 1]!];
}

function expectWithin(percent: number, actual: Latency, expected: Latency): void {
  for (const [i, what] of ['mean', 'p50'].entries()) {
    const error = 100 * Math.abs(actual[i]! / expected[i]! - 1);
    expect(error, `${what}: ${actual[i]!.toFixed(2)} against ${expected[i]} ms`).toBeLessThan(percent);
  }
}

function told({ delayUs, instances, ratePerS }: Row): string {
  return `delay ${delayUs} us, ${instances} instance(s), ${ratePerS}/s`;
}

const settings = TABLE.map((setting) => ({ name: told(setting), setting }));

describe('the simulated server beside the live one', () => {
  for (const { name, setting } of settings.filter(({ setting: { ratePerS } }) => ratePerS <= 1300)) {
    it(`${name}: mean and p50 within 13 % of the live ${setting.live.join(' / ')} ms`, () => {
      expectWithin(13, simulated(setting, 0), setting.live);
    });
    const { liveLimited } = setting;
    if (liveLimited === undefined) continue;
    it(`${name}, max_queue_size set: mean and p50 within 13 % of the live ${liveLimited.join(' / ')} ms`, () => {
      expectWithin(13, simulated(setting, LIMIT), liveLimited);
    });
  }

  it.each(settings)(
    '$name: within 4 % of the reference of the batching rules, early and late binding',
    ({ setting }) => {
      expectWithin(4, simulated(setting, 0), setting.reference);
      expectWithin(4, simulated(setting, LIMIT), setting.referenceLimited);
    },
  );
});

describe('a queue limit', () => {
  const gain = (setting: Row) => 1 - simulated(setting, LIMIT)[0] / simulated(setting, 0)[0];
  const oneInstance = settings.filter(({ setting }) => setting.instances === 1);
  const helped = oneInstance.filter(
    ({ setting: { delayUs, ratePerS } }) => delayUs > 0 && delayUs <= 4000 && ratePerS > 200,
  );
  const unmoved = oneInstance.filter(({ setting: { delayUs } }) => delayUs === 0 || delayUs > 4000);

  it.each(helped)('$name: lowers the mean by 10 to 37 %, as on the live server', ({ setting }) => {
    expect(gain(setting)).toBeGreaterThan(0.1);
    expect(gain(setting)).toBeLessThan(0.37);
  });

  it.each(unmoved)('$name: does nothing with no delay, or one beyond the service time', ({ setting }) => {
    expect(Math.abs(gain(setting))).toBeLessThan(0.01);
  });

  it('with two instances gains no more than 10 %: one of them is often idle', () => {
    const { setting } = settings.find(({ setting: { instances } }) => instances === 2)!;
    expect(gain(setting)).toBeGreaterThan(0);
    expect(gain(setting)).toBeLessThan(0.1);
  });
});

describe('an explanation', () => {
  const causes = (delayUs: number) => {
    const setting = TABLE.find((each) => each.delayUs === 500 && each.ratePerS === 1300)!;
    return explainTenant(sleepingModel({ ...setting, delayUs }, 0), 't').explanation.causes;
  };

  it('of the slow requests at 500 us and 1300/s names early commitment, and shows it by running without', () => {
    const cause = causes(500).find(({ code }) => code === 'early-commitment');
    expect(cause).toMatchObject({ confirmed: true });
    expect(cause!.text).toMatch(/queue limit/);
    expect(cause!.costMs).toBeGreaterThan(2);
  });

  it('does not name it without a delay', () => {
    expect(causes(0).map(({ code }) => code)).not.toContain('early-commitment');
  });
});
