import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { partition } from '../../../src/simulator/partition.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { config, ONE_CLIENT, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';

const DURATION_S = 20;
const EXECUTION_MS = 5;

interface Case {
  readonly requestCpuUs?: number;
  readonly ratePerS?: number;
  readonly cores?: number;
  readonly computes?: boolean;
}

/** Two models that compute all the time on so many cores, beside one that only waits and takes many requests. */
function crowded({ requestCpuUs = 0, ratePerS = 1000, cores = 2, computes = true }: Case): Scenario {
  const hostCores = { input: 0, infer: computes ? 1 : 0, output: 0, response: 0 };
  const computing = (name: string) => ({
    config: config(name, 1),
    profile: profile(name, EXECUTION_MS, 0, { hostCores }),
  });
  const models = [
    { config: config('waits', 64, {}), profile: profile('waits', 1, 0), more: { requestCpuUs }, device: 1 },
    computing('a'),
    computing('b'),
  ];
  const base = server('s', { models, sharing: { mode: 'hostCores', cores }, devices: 1 });
  const own = { ...base.devices[0]!, name: 'own', sharing: { mode: 'exclusive' } } as const;
  const tenants = [
    tenant('t', 'waits', poisson('t', ratePerS, ratePerS * DURATION_S)),
    tenant('u', 'a', ONE_CLIENT, { targets: [{ server: 0, model: 1 }] }),
    tenant('v', 'b', ONE_CLIENT, { targets: [{ server: 0, model: 2 }] }),
  ];
  return scenario([{ ...base, devices: [...base.devices, own] }], tenants, DURATION_S);
}

/** Executions per second of the two that compute, as a share of what they do undisturbed. */
function shareLeft(spec: Scenario): number {
  const { log } = simulate(spec);
  let completed = 0;
  for (let i = 0; i < log.outcome.length; i++)
    if (log.tenant[i]! > 0 && log.outcome[i] === Outcome.completed) completed++;
  return completed / (2 * DURATION_S * (1000 / EXECUTION_MS));
}

describe('taking requests in keeps a core busy', () => {
  it('so that executions that keep all of them busy have the rest: the cores less rate times time', () => {
    expect(shareLeft(crowded({ requestCpuUs: 300 }))).toBeCloseTo((2 - 0.3) / 2, 2);
    expect(shareLeft(crowded({ requestCpuUs: 600 }))).toBeCloseTo((2 - 0.6) / 2, 2);
  });

  it('and so do executions, each however many requests it holds', () => {
    const spec = crowded({ requestCpuUs: 100 });
    const models = spec.servers[0]!.models.map((model, m) =>
      m === 0 ? { ...model, executionCpuUs: 300 } : model,
    );
    const more = { ...spec, servers: [{ ...spec.servers[0]!, models }] };
    const { executions } = simulate(more);
    const perS = executions[0]!.byBatchSize.reduce((sum, count) => sum + count, 0) / DURATION_S;
    expect(perS).toBeLessThan(800);
    expect(shareLeft(more)).toBeCloseTo((2 - 0.1 - 0.0003 * perS) / 2, 2);
  });

  it('which costs nothing where a core is left for it, or where nobody measured it', () => {
    expect(shareLeft(crowded({ requestCpuUs: 300, cores: 16 }))).toBeCloseTo(1, 3);
    expect(shareLeft(crowded({}))).toBeCloseTo(1, 3);
  });

  it('nor executions that compute nothing', () => {
    expect(shareLeft(crowded({ requestCpuUs: 300, computes: false }))).toBe(
      shareLeft(crowded({ computes: false })),
    );
  });

  it.each([Infinity, 4])(
    'and is in the utilisation of the host, limited to so many cores: %s',
    (cpuCores) => {
      const busyWith = (requestCpuUs: number) => {
        const spec = crowded({ requestCpuUs, cores: 16 });
        return simulate({ ...spec, servers: [{ ...spec.servers[0]!, cpuCores }] }).hosts[0]!.coresBusy;
      };
      // 1000 requests/s of 300 us each.
      expect(busyWith(300) - busyWith(0)).toBeCloseTo(0.3, 2);
    },
  );

  it('so that a model that takes requests belongs to one component with those that compute', () => {
    expect(partition(crowded({ requestCpuUs: 300 }))).toHaveLength(1);
    expect(partition(crowded({}))).toHaveLength(2);
  });

  it('and closed-loop clients that never pause hardly feel their own: their instances idle meanwhile', () => {
    const spec = crowded({ ratePerS: 1 });
    const leftWith = (requestCpuUs: number) => {
      const models = spec.servers[0]!.models.map((model) => ({ ...model, requestCpuUs }));
      const network = { ...spec.servers[0]!.network, requestDelayUs: 300, responseDelayUs: 300 };
      return shareLeft({ ...spec, servers: [{ ...spec.servers[0]!, models, network }] });
    };
    expect(leftWith(300) / leftWith(0)).toBeGreaterThan(0.97);
  });
});
