import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfScenario } from '../../src/cost/scenario-cost.js';
import { componentFigures } from '../../src/measure/component-figures.js';
import { RecentOrders } from '../../src/measure/planned-order.js';
import { runFigures } from '../../src/measure/run-figures.js';
import { seriesFigures } from '../../src/metrics/statistics/intervals.js';
import { OrderStatistics } from '../../src/metrics/statistics/order-statistics.js';
import { quantileEstimates } from '../../src/metrics/statistics/quantile-estimates.js';
import { Scratch } from '../../src/metrics/statistics/scratch.js';
import { sortedTimes } from '../../src/metrics/statistics/sort-times.js';
import { summarizeRun } from '../../src/report/build-report.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { pointRows } from '../../src/sweep/row.js';
import { anyScenario } from '../laws/arbitrary-scenario.js';
import { anySequences } from '../laws/sequence-scenario.js';
import { quantileEstimate } from '../metrics/quantile-estimate.js';
import { cases } from '../support/cases.js';
import { expectClose } from '../support/close.js';
import {
  arrivals,
  config,
  ONE_CLIENT,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

function figuresOf(of: Scenario) {
  const components = partition(of).map((component) => ({
    component,
    figures: componentFigures(of, component),
  }));
  return runFigures(of, components, { orders: new RecentOrders() });
}

function wholeFiguresOf(of: Scenario) {
  const memory = { scratch: new Scratch(), isKept: true, hasStages: true };
  const components = partition(of).map((component) => ({
    component,
    figures: componentFigures(of, component, memory),
  }));
  return runFigures(of, components);
}

describe('the figures of a point', () => {
  it('are those of a full simulation and its summary', () => {
    fc.assert(
      fc.property(fc.oneof(anyScenario(), anySequences), (of) => {
        const run = simulate(of);
        const whole = summarizeRun({ scenario: of, result: run });
        const { summary } = figuresOf(of);
        for (const [i, expected] of [...whole.tenants, whole.total].entries()) {
          const found = [...summary.tenants, summary.total][i]!;
          expect(found.counts).toEqual(expected.counts);
          expect(found.stability).toBe(expected.stability);
          for (const key of [
            'offeredPerS',
            'throughputPerS',
            'inferencesPerS',
            'goodputPerS',
            'latencyMs',
          ] as const) {
            expectClose(found[key], expected[key], `${found.tenant} ${key}`);
          }
          if (found.tenant !== summary.total.tenant)
            expectClose(found.slo, expected.slo, `${found.tenant} slo`);
        }
        expect(summary.warnings).toEqual(run.warnings);
        expect(summary.devices).toHaveLength(whole.devices.length);
        for (const [i, device] of whole.devices.entries()) {
          expect(summary.devices[i]!.busyShare).toBeCloseTo(device.busyShare, 9);
          expectClose(summary.devices[i]!.shareByTenant, device.shareByTenant, device.device);
        }
        expectClose(summary.hosts, whole.hosts, 'hosts');
      }),
      { numRuns: cases(40) },
    );
  });

  it('also tell where requests spent their time, where that is asked for', () => {
    fc.assert(
      fc.property(fc.oneof(anyScenario(), anySequences), (of) => {
        const whole = summarizeRun({ scenario: of, result: simulate(of) });
        const { summary } = wholeFiguresOf(of);
        for (const [i, expected] of [...whole.tenants, whole.total].entries()) {
          const found = [...summary.tenants, summary.total][i]!;
          expectClose(found.splitMs, expected.splitMs, `${found.tenant} split`);
          expectClose(found.sequences, expected.sequences, `${found.tenant} sequences`);
          expect(found.executedBatch).toEqual(expected.executedBatch);
        }
        expect(summary.models).toEqual(whole.models);
        expect(summary.warnings).toEqual(whole.warnings);
        expectClose(summary.devices, whole.devices, 'devices');
        expect(summary.total.latencyMs.percentiles.map(({ percentile }) => percentile)).toEqual(
          whole.total.latencyMs.percentiles.map(({ percentile }) => percentile),
        );
      }),
      { numRuns: cases(40) },
    );
  });

  it('are so too where requests come and go as the measured time begins and ends', () => {
    const model = { config: config('m', 1), profile: profile('m', 5, 0) };
    const every10Ms = arrivals(Array.from({ length: 101 }, (_, i) => i * 10_000));
    for (const [load, warmUpUs] of [
      // One ends at 25 ms, one is planned for the end; the caller sends and is answered each 5 ms.
      [every10Ms, 25_000],
      [every10Ms, 20_000],
      [ONE_CLIENT, 25_000],
    ] as const) {
      const of = scenario([server('s', { models: [model] })], [tenant('a', 'm', load)], 1, { warmUpUs });
      const [found] = figuresOf(of).summary.tenants;
      const [expected] = summarizeRun({ scenario: of, result: simulate(of) }).tenants;
      expect(found!.counts).toEqual(expected!.counts);
      expectClose(found!.throughputPerS, expected!.throughputPerS, 'throughput');
    }
  });

  it('tell of each host the cores that its own models keep busy', () => {
    const hostCores = { input: 0, infer: 1, output: 0, response: 0 };
    const servers = [5, 2].map((ms, i) =>
      server(`s${i}`, {
        models: [{ config: config(`m${i}`, 1), profile: profile(`m${i}`, ms, 0, { hostCores }) }],
        more: { cpuCores: 4 },
      }),
    );
    const every10Ms = arrivals(Array.from({ length: 100 }, (_, i) => i * 10_000));
    const tenants = [0, 1].map((i) =>
      tenant(`t${i}`, `m${i}`, every10Ms, { targets: [{ server: i, model: 0 }] }),
    );
    const { hosts } = figuresOf(scenario(servers, tenants, 1)).summary;
    expect(hosts.map(({ coresBusy }) => Math.round(coresBusy * 1000) / 1000)).toEqual([0.5, 0.2]);
  });

  it('leave it open whether an SLO is met of which no request was counted', () => {
    const model = { config: config('m', 4, {}), profile: profile('m', 4, 0.5) };
    const slo = { percentile: 99, limitMs: 1000 };
    const tenants = [
      tenant('busy', 'm', poisson('a', 100, 200), { slo }),
      tenant('idle', 'm', poisson('b', 100, 0), { slo }),
    ];
    const of = scenario([server('s', { models: [model] })], tenants, 3);
    const figures = figuresOf(of);
    const rows = pointRows(of, figures, costOfScenario(of, figures.summary));
    expect(rows.map((row) => row['slo_met'])).toEqual([true, null, null]);
    expect([rows[2]!['slos_met'], rows[2]!['slos']]).toEqual([1, 2]);
  });

  it('count the SLOs that are met of all tenants that have one, and of no others', () => {
    const model = { config: config('m', 4, {}), profile: profile('m', 4, 0.5) };
    const load = poisson('a', 100, 200);
    const tenants = [
      tenant('promised', 'm', load, { slo: { percentile: 99, limitMs: 1 } }),
      tenant('not promised', 'm', load),
    ];
    // Nothing is served within a millisecond.
    expect(figuresOf(scenario([server('s', { models: [model] })], tenants, 3)).attainment).toBe(0);
  });
});

it('several quantiles in one pass have the values and intervals that each has alone', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, max: 100, noNaN: true }));
  const shares = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9, 0.25];
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 1500, size: 'max' }), (values) => {
      const series = Float64Array.from(values);
      const sorted = series.slice().sort();
      const figures = seriesFigures(series);
      const expected = shares.map((share) => quantileEstimate(series, sorted, share, figures));
      expect(quantileEstimates(new OrderStatistics(series), shares, figures.effect)).toEqual(expected);
    }),
    { numRuns: cases(200) },
  );
});

it('times are sorted as the general sort does', () => {
  const time = fc.oneof(
    fc.double({ min: 0, max: 1e12, noNaN: true }),
    fc.constantFrom(0, 1, 1e-300, 5e-324, 1e300),
  );
  fc.assert(
    fc.property(fc.array(time, { maxLength: 3000, size: 'max' }), (values) => {
      const times = Float64Array.from(values, Math.abs);
      expect(sortedTimes(times)).toEqual(times.slice().sort());
    }),
    { numRuns: cases(50) },
  );
});

/** Equal up to the order in which numbers were added. */
