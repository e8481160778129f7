import { describe, expect, it } from 'vitest';
import { latencyBounds } from '../../src/report/bounds.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { explainTenant } from '../../src/report/explain-tenant.js';
import { withCpuDevices } from '../../src/scenario/check/cpu-devices.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const SERVICE_MS = 10;
const HOST_CORES = { input: 0, infer: 1, output: 0, response: 0 };

/** A model that computes on the cores of a host, at so many requests per second. */
function onHost(cores: number, instances: number, ratePerS: number): Scenario {
  const model = profile('m', SERVICE_MS, 0, { hostCores: HOST_CORES });
  const sketch = server('s', {
    models: [{ config: config('m', 1), profile: model, instances, device: -1 }],
    devices: 0,
    more: { cpuCores: cores },
  });
  const placed = { ...sketch, ...withCpuDevices([], sketch.models, cores) };
  const load = poisson('host', ratePerS, 30 * ratePerS);
  const slo = { percentile: 99, limitMs: 15 };
  return scenario([placed], [tenant('t', 'm', load, { slo })], 30);
}

function confirmed(as: Scenario) {
  return explainTenant(as, 't').explanation.causes.filter((cause) => cause.confirmed);
}

function p99Ms(as: Scenario): number {
  const [summary] = summarizeRun({ scenario: as, result: simulate(as) }).tenants;
  return summary!.latencyMs.percentiles.find(({ percentile }) => percentile === 99)!.ms.value;
}

describe('explain on the cores of a host', () => {
  it('blames the cores where instances share too few, and not the instances, of which more would not help', () => {
    const crowded = onHost(1, 4, 80);
    const causes = confirmed(crowded);
    expect(causes.map(({ code }) => code)).toEqual(['host-cpu']);
    // What it promises holds.
    expect(p99Ms(onHost(8, 4, 80))).toBeCloseTo(p99Ms(crowded) - causes[0]!.costMs, 0);
    expect(p99Ms(onHost(1, 32, 80))).toBeGreaterThan(p99Ms(crowded));
  });

  it('blames the instances where cores are left for more', () => {
    const causes = confirmed(onHost(8, 1, 80));
    expect(causes.map(({ code }) => code)).toEqual(['own-load']);
    expect(p99Ms(onHost(8, 8, 80))).toBeLessThan(p99Ms(onHost(8, 1, 80)) / 2);
  });

  it('blames the cores together with the instances where one without the other does not help', () => {
    const full = onHost(2, 2, 220);
    const causes = confirmed(full).filter(({ code }) => code !== 'lost-requests');
    expect(causes.map(({ code }) => code)).toEqual(['host-cpu']);
    expect(causes[0]!.text).toContain('with more of both');
  });

  it('finds nothing where there is a core and an instance for each', () => {
    expect(confirmed(onHost(32, 32, 80))).toEqual([]);
  });
});

it('no number of cores and instances beats the bound of devices without limit', () => {
  for (const [cores, instances] of [
    [1, 4],
    [1, 32],
    [2, 2],
    [8, 8],
  ] as const) {
    const as = onHost(cores, instances, 80);
    const [bound] = latencyBounds(as);
    expect(bound).toMatchObject({ bound: 'unlimited devices', p50Ms: SERVICE_MS });
    expect(bound!.p99Ms).toBeLessThanOrEqual(p99Ms(as));
  }
});
