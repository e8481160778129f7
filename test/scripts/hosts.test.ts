import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostParts } from '../../scripts/hosts/host-part.js';
import {
  errorPercent,
  hostsMarkdown,
  isMet,
  type MeasuredTenant,
  pointsOf,
} from '../../scripts/hosts/results.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { PlanReport } from '../../src/report/plan/plan-report.js';
import { simulate } from '../../src/simulator/simulate.js';

describe('a placement taken apart, server by server', async () => {
  const placement = await loadScenario('examples/scenarios/two-servers.yaml', { durationS: 2, warmUpS: 0 });
  const parts = hostParts(placement);

  it('has an equal share of each tenant on every server that it sends to', () => {
    expect(parts.map(({ host }) => host)).toEqual(['t4-1', 't4-2', 'v100-1', 'v100-2']);
    expect(parts.map(({ loads }) => loads[0])).toEqual(
      Array.from({ length: 4 }, () => ({ model: 'resnet50', ratePerS: 875 })),
    );
    const uploads = parts.flatMap(({ loads }) => loads.slice(1));
    expect(uploads).toHaveLength(2);
    // Of a load that is no Poisson process what was drawn: about half of 300.
    for (const { ratePerS } of uploads) expect(Math.abs(ratePerS / 150 - 1)).toBeLessThan(0.3);
  });

  it('loads each server from the repository that its models are named from, whatever the server is called', () => {
    const { spec } = placement;
    const servers = spec.servers.map((server, i) => ({
      ...server,
      models: server.models.map((model) => ({
        ...model,
        config: `repositories/s${i}/${model.name}/config.pbtxt`,
      })),
    }));
    const named = hostParts({ ...placement, spec: { ...spec, servers } });
    expect(named.map(({ repository }) => repository)).toEqual(
      ['s0', 's0', 's1', 's1'].map((name) => `repositories/${name}`),
    );
  });

  it('is made of scenarios that can be simulated, each with its own tenants only', () => {
    for (const { scenario, loads } of parts) {
      expect(scenario.servers).toHaveLength(1);
      expect(scenario.tenants).toHaveLength(loads.length);
      expect(simulate(scenario).log.tenants).toHaveLength(loads.length);
    }
  });
});

const figures = (ms: number, attainment: number) => ({ meanMs: ms, p50Ms: ms, sloMs: 2 * ms, attainment });
const tenant = (
  name: string,
  measuredMs: readonly number[],
  attainment: readonly number[],
): MeasuredTenant => ({
  host: 'host-1',
  tenant: name,
  model: name,
  ratePerS: 100,
  percentile: 95,
  limitMs: 20,
  runs: measuredMs.map((ms, i) => ({ measured: figures(ms, attainment[i]!), simulated: figures(11, 0.97) })),
});

describe('what was measured of a plan', () => {
  const violated = tenant('broken', [9, 13], [0.98, 0.9]);
  const met = tenant('met', [10, 10], [0.96, 0.96]);

  it('is put beside what was simulated as the mean over the runs, with half their range', () => {
    expect(errorPercent(violated, 'meanMs')).toBeCloseTo(0, 9);
    expect(errorPercent(met, 'meanMs')).toBeCloseTo(10, 9);
    const [point] = pointsOf([violated]);
    expect(point).toMatchObject({
      tenant: 'host-1/broken',
      metric: 'meanMs',
      measured: 11,
      measuredSpread: 2,
      predicted: 11,
    });
  });

  it('tells whether the SLO was met in all runs together', () => {
    expect([violated, met].map(isMet)).toEqual([false, true]);
  });

  it('is shown worst mean first, with what was planned', () => {
    const planned = [violated, met].map((each) => ({ tenant: each.tenant, attainment: { value: 0.955 } }));
    const report = {
      chosen: 1,
      candidates: [{ usdPerHour: 0.1, machines: [{ kind: 'host', count: 1 }], tenants: planned }],
    } as unknown as PlanReport;
    const page = hostsMarkdown('examples/plans/hosts.yaml', report, [violated, met], 'the plan');
    const link = '[examples/plans/hosts.yaml](../../examples/plans/hosts.yaml)';
    expect(page).toContain(link);
    expect(hostsMarkdown(resolve('examples/plans/hosts.yaml'), report, [met], 'the plan')).toContain(link);
    expect(hostsMarkdown('/elsewhere/mine.yaml', report, [met], 'the plan')).toContain(
      'answered `mine.yaml` with',
    );
    expect(page).toContain('1 x host at $0.10 per hour. **1 of 2 SLOs were met.**');
    expect(page).toMatch(/met \| 100 .*95\.5 % .*96\.0 % \(±0\.0\) \| yes[\s\S]*broken .*\*\*no\*\*/);
    expect(page).toContain('the plan');
  });
});
