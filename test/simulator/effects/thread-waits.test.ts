import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import {
  config,
  meanLatencyMs,
  ONE_CLIENT,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../../support/scenario.js';

const WAITS = { share: 0.2, longestUs: 4000 };
/** On the way there and back, and of a process that executes: to begin and to answer. */
const WAKE_UPS = 4;
const RATE_PER_S = 20;
const COUNT = 20_000;

/** A model that only sleeps for 2 ms, beside one that computes all the time, on so many cores. */
function besideAComputingOne(cores: number, computes = true, waits = WAITS): Scenario {
  const hostCores = { input: 0, infer: computes ? 1 : 0, output: 0, response: 0 };
  const models = [
    { config: config('sleeps', 1), profile: profile('sleeps', 2, 0) },
    { config: config('computes', 1), profile: profile('computes', 50, 0, { hostCores }) },
  ];
  const base = server('s', { models, devices: 2 });
  const tenants = [
    tenant('t', 'sleeps', poisson('t', RATE_PER_S, COUNT)),
    tenant('u', 'computes', ONE_CLIENT, { targets: [{ server: 0, model: 1 }] }),
  ];
  const options = { ...base.options, threadWaits: { ...waits, cores } };
  return scenario([{ ...base, options }], tenants, COUNT / RATE_PER_S);
}

/** Only of the first tenant. */
function latencyMs(spec: Scenario): number {
  const { log } = simulate(spec);
  const rows = Array.from(log.tenant.keys()).filter((row) => log.tenant[row] === 0);
  return meanLatencyMs({
    plannedUs: Float64Array.from(rows, (row) => log.plannedUs[row]!),
    endedUs: Float64Array.from(rows, (row) => log.endedUs[row]!),
    outcome: Uint8Array.from(rows, (row) => log.outcome[row]!),
  });
}

const undisturbedMs = latencyMs(besideAComputingOne(2, true, { share: 0, longestUs: 4000 }));

describe('threads that wake while executions compute on all cores but one', () => {
  it('wait, that share of them, for half of the longest time on average', () => {
    const extraMs = latencyMs(besideAComputingOne(2)) - undisturbedMs;
    const expectedMs = WAKE_UPS * WAITS.share * (WAITS.longestUs / 2000);
    expect(Math.abs(extraMs / expectedMs - 1)).toBeLessThan(0.03);
  });

  it('do not wait where more cores are free', () => {
    expect(latencyMs(besideAComputingOne(3))).toBe(undisturbedMs);
  });

  it('do not wait for executions that compute nothing', () => {
    expect(latencyMs(besideAComputingOne(2, false))).toBe(undisturbedMs);
  });
});

it('the same seed gives the same waits', () => {
  expect(latencyMs(besideAComputingOne(2))).toBe(latencyMs(besideAComputingOne(2)));
});
