import { describe, expect, it } from 'vitest';
import { WAKES, wakeQueue } from '../../src/profile/wake-waits.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import {
  config,
  meanLatencyMs,
  ONE_CALLER,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const DURATION_S = 60;
const BURST_US = 100;
const CORES = 2;

interface Case {
  readonly burstUs?: number;
  /** Of the second model; the first one gets 200 requests/s. */
  readonly ratePerS?: number;
  readonly cores?: number;
}

/** Two models that only wait, with so many instances that nothing queues, and requests that take 600 us of the cores. */
function sleeping({ burstUs = BURST_US, ratePerS = 1000, cores = CORES }: Case): Scenario {
  const model = (name: string) => ({
    config: config(name, 1),
    profile: profile(name, 2, 0),
    instances: 64,
    more: { requestCpuUs: 600 },
  });
  const base = server('s', { models: [model('few'), model('many')], devices: 128 });
  const tenants = [
    tenant('t', 'few', poisson('t', 200, 200 * DURATION_S)),
    tenant('u', 'many', poisson('u', ratePerS, ratePerS * DURATION_S), {
      targets: [{ server: 0, model: 1 }],
    }),
  ];
  const options = { ...base.options, ...(burstUs > 0 && { wakeWaits: { burstUs, cores } }) };
  return scenario([{ ...base, options }], tenants, DURATION_S);
}

const figures = (spec: Scenario, tenantIndex = 0) => {
  const { log } = simulate(spec);
  const rows = Array.from(log.tenant.keys()).filter(
    (row) => log.tenant[row] === tenantIndex && log.outcome[row] === Outcome.completed,
  );
  const column = (values: { readonly [row: number]: number }) =>
    rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  return {
    latencyUs:
      1000 *
      meanLatencyMs({
        plannedUs: Float64Array.from(rows, (row) => log.plannedUs[row]!),
        endedUs: Float64Array.from(rows, (row) => log.endedUs[row]!),
        outcome: Uint8Array.from(rows, (row) => log.outcome[row]!),
      }),
    inferUs: column(log.inferUs),
    outputUs: column(log.outputUs),
    networkUs: column(log.networkUs),
  };
};

describe('threads that wake where other requests keep the cores busy', () => {
  const alone = figures(sleeping({ burstUs: 0 }));

  it.each([
    { ratePerS: 1000, cores: 2 },
    { ratePerS: 2000, cores: 2 },
    { ratePerS: 2000, cores: 4 },
  ])('wait as in a queue M/M/c: %o', ({ ratePerS, cores }) => {
    const busyShare = ((200 + ratePerS) * 600) / (1e6 * cores);
    const { probability, meanUs } = wakeQueue(BURST_US, cores, busyShare);
    const waitUs = probability * meanUs;
    const seen = figures(sleeping({ ratePerS, cores }));
    const off = (extraUs: number, wakes: number) => Math.abs(extraUs / (wakes * waitUs) - 1);
    // A little more, because the cores' use goes up and down.
    expect(off(seen.inferUs - alone.inferUs, WAKES.inference)).toBeLessThan(0.08);
    expect(off(seen.outputUs - alone.outputUs, WAKES.output)).toBeLessThan(0.2);
    const ofWay = WAKES.wayIn + WAKES.wayBack;
    expect(off(seen.networkUs - alone.networkUs, ofWay)).toBeLessThan(0.08);
    const ofAll = WAKES.inference + WAKES.output + ofWay;
    expect(off(seen.latencyUs - alone.latencyUs, ofAll)).toBeLessThan(0.08);
  });

  it('wait for nothing that only the other executions of their own instance take: those come before and after', () => {
    const inferUs = (instances: number, burstUs: number) => {
      const model = { config: config('m', 1), profile: profile('m', 0.5, 0), instances };
      const base = server('s', { models: [{ ...model, more: { executionCpuUs: 900 } }], devices: 2 });
      const options = { ...base.options, wakeWaits: { burstUs, cores: CORES } };
      const load = poisson('t', 1200, 1200 * DURATION_S);
      return figures(scenario([{ ...base, options }], [tenant('t', 'm', load)], DURATION_S)).inferUs;
    };
    expect(inferUs(1, BURST_US)).toBe(inferUs(1, 0));
    const halfOfThemUs = inferUs(2, BURST_US) - inferUs(2, 0);
    const { probability, meanUs } = wakeQueue(BURST_US, CORES, (1200 * 900) / 1e6 / CORES / 2);
    expect(Math.abs(halfOfThemUs / (WAKES.inference * probability * meanUs) - 1)).toBeLessThan(0.15);
  });

  it('belong to one component with those others', () => {
    expect(partition(sleeping({}))).toHaveLength(1);
    expect(partition(sleeping({ burstUs: 0 }))).toHaveLength(2);
  });

  it('wait as long each time for the same seed', () => {
    expect(figures(sleeping({}))).toEqual(figures(sleeping({})));
  });

  it('do not wait for callers that send as soon as they have their answer', () => {
    const called = (burstUs: number) => {
      const spec = sleeping({ burstUs });
      const tenants = [spec.tenants[0]!, { ...spec.tenants[1]!, load: ONE_CALLER }];
      return figures({ ...spec, tenants }, 1).latencyUs;
    };
    expect(called(BURST_US)).toBe(called(0));
  });
});
