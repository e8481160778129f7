import { describe, expect, it } from 'vitest';
import { costOfScenario } from '../../src/cost/scenario-cost.js';
import { componentFigures } from '../../src/measure/component-figures.js';
import { runFigures } from '../../src/measure/run-figures.js';
import type { Scenario, Tenant } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { pointRows, type SweepRow } from '../../src/sweep/row.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** One request each 10 ms for a second. */
const EVERY_10_MS = arrivals(Array.from({ length: 100 }, (_, i) => i * 10_000));

/** Model a takes 5 ms on the first GPU, b 2 ms on the second, both together are one server of $1 per hour. */
function rowsOf(sketches: readonly { readonly model: 'a' | 'b'; readonly limitMs?: number }[]): SweepRow[] {
  const models = [
    { config: config('a', 1), profile: profile('a', 5, 0), device: 0 },
    { config: config('b', 1), profile: profile('b', 2, 0), device: 1 },
  ];
  const tenants = sketches.map(({ model, limitMs }, i): Tenant => {
    const slo = limitMs === undefined ? {} : { slo: { percentile: 99, limitMs } };
    const targets = [{ server: 0, model: model === 'a' ? 0 : 1 }];
    return tenant(`${model}${i}`, model, EVERY_10_MS, { ...slo, targets });
  });
  return rowsOfScenario(scenario([server('s', { models, devices: 2 })], tenants, 1));
}

function rowsOfScenario(of: Scenario): SweepRow[] {
  const placed = partition(of).map((component) => ({ component, figures: componentFigures(of, component) }));
  const figures = runFigures(of, placed);
  return pointRows(of, figures, costOfScenario(of, figures.summary));
}

function column(rows: readonly SweepRow[], name: string) {
  return rows.map((row) => row[name]);
}

describe('the rows of a point', () => {
  it('say of tenants for how much of a GPU they are busy, of all how busy GPUs are in the mean and at most', () => {
    const rows = rowsOf([{ model: 'a' }, { model: 'b' }]);
    const use = column(rows, 'busy_share').map((share) => Math.round(Number(share) * 1000) / 1000);
    expect(use).toEqual([0.5, 0.2, 0.35]);
    expect(rows[2]!['busy_share_most']).toBeCloseTo(0.5, 9);
    expect(column(rows, 'devices')).toEqual([null, null, 2]);
  });

  it('add up what a tenant is busy for on several GPUs', () => {
    const models = [{ config: config('a', 1), profile: profile('a', 5, 0) }];
    const targets = [0, 1].map((one) => ({ server: one, model: 0 }));
    const servers = ['s', 't'].map((name) => server(name, { models }));
    const rows = rowsOfScenario(scenario(servers, [tenant('a', 'a', EVERY_10_MS, { targets })], 1));
    expect(rows[0]!['busy_share']).toBeCloseTo(0.5, 9);
    expect(rows[1]!['busy_share']).toBeCloseTo(0.25, 9);
  });

  it('divide the price of the machine among the tenants in proportion to their use of it', () => {
    const [a, b, total] = column(rowsOf([{ model: 'a' }, { model: 'b' }]), 'usd_per_hour');
    expect(a).toBeCloseTo(5 / 7, 9);
    expect(b).toBeCloseTo(2 / 7, 9);
    expect(total).toBe(1);
  });

  it('say of all tenants that an SLO is violated where one of them is, and how many requests met theirs', () => {
    const rows = rowsOf([
      { model: 'a', limitMs: 6 },
      { model: 'b', limitMs: 1 },
    ]);
    expect(column(rows, 'slo_met')).toEqual([true, false, false]);
    expect(column(rows, 'slo_attainment')).toEqual([1, 0, 0.5]);
    expect([rows[2]!['slos'], rows[2]!['slos_met']]).toEqual([2, 1]);
  });

  it('say that all is kept where all that was promised is, and nothing where nothing was', () => {
    expect(column(rowsOf([{ model: 'a', limitMs: 6 }, { model: 'b' }]), 'slo_met')).toEqual([
      true,
      null,
      true,
    ]);
    expect(column(rowsOf([{ model: 'a' }, { model: 'b' }]), 'slo_met')).toEqual([null, null, null]);
  });
});
