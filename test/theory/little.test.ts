import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { littleCheck } from '../support/little.js';
import {
  config,
  lengthOf,
  meanLatencyMs,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const CUSTOMERS = 400_000;
const SERVICE_MS = 10;

/** One queue; its run ends some seconds after the last arrival, when the system is empty. */
function queue({ utilization = 0.6, cv = 1, instances = 1, customers = CUSTOMERS } = {}): Scenario {
  const model = profile('m', SERVICE_MS, 0, { spread: cv === 0 ? { law: 'none' } : { law: 'gamma', cv } });
  const load = poisson(
    `little ${utilization} ${cv} ${instances}`,
    (utilization * instances * 1000) / SERVICE_MS,
    customers,
  );
  const host = server('s', { models: [{ config: config('m', 1), profile: model, instances }] });
  return scenario([host], [tenant('t', 'm', load)], lengthOf(load, 5));
}

describe("Little's law L = λW", () => {
  it.each([
    { name: 'M/M/1', options: {} },
    { name: 'M/D/1', options: { cv: 0, utilization: 0.8 } },
    { name: 'M/G/4', options: { cv: 1.5, instances: 4 } },
  ])(
    '$name: the mean number in the system is the rate times the mean latency, to rounding',
    ({ options }) => {
      const customers = 50_000;
      const { log } = simulate(queue({ ...options, customers }));
      const { meanInSystem, arrivalsPerUs, relativeGap } = littleCheck(log);
      expect(relativeGap).toBeLessThan(1e-6);
      const fromLatency = (customers / log.endUs) * meanLatencyMs(log) * 1000;
      expect(arrivalsPerUs).toBeCloseTo(customers / log.endUs, 12);
      expect(Math.abs(meanInSystem / fromLatency - 1)).toBeLessThan(1e-6);
    },
  );

  it('M/M/1: the mean number in the system is ρ / (1 − ρ) within 2 %', () => {
    const { meanInSystem } = littleCheck(simulate(queue({ utilization: 0.6 })).log);
    expect(Math.abs(meanInSystem / (0.6 / 0.4) - 1)).toBeLessThan(0.02);
  });

  it('of the instance alone is the utilisation law: its device and its instance are busy λ · E[S] of the time, within 1 %', () => {
    const spec = queue({ utilization: 0.7 });
    const { devices, executions, log } = simulate(spec);
    const offered = (CUSTOMERS / log.endUs) * SERVICE_MS * 1000;
    expect(Math.abs(devices[0]!.busyShare / offered - 1)).toBeLessThan(0.01);
    expect(Math.abs(executions[0]!.busyShare! / offered - 1)).toBeLessThan(0.01);
    const [own] = devices[0]!.busyUsByTenant.values();
    expect(Math.abs(own! / log.endUs / devices[0]!.busyShare - 1)).toBeLessThan(1e-3);
  });

  it('holds for an overloaded queue too, where requests are unfinished at the end', () => {
    const spec = queue({ utilization: 1.3, customers: 50_000 });
    const cut = { ...spec, durationUs: spec.durationUs / 2 };
    expect(littleCheck(simulate(cut).log).relativeGap).toBeLessThan(1e-6);
  });
});
