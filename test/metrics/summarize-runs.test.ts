import { describe, expect, it } from 'vitest';
import { summarizeRuns } from '../../src/metrics/replications.js';
import { scoreInterval } from '../../src/metrics/statistics/score-interval.js';
import { type MeasuredRun, summarize } from '../../src/metrics/summarize.js';
import type { DeviceSummary, Summary } from '../../src/metrics/summary.js';
import { buildLog, mm1Log } from './log-builder.js';

function runOf(log: MeasuredRun['log'], options: Partial<MeasuredRun> = {}): MeasuredRun {
  return { scenarioName: 'test', seed: 1, warmUpUs: 0, tenants: [], log, ...options };
}

const DEVICE: DeviceSummary = {
  server: 's',
  device: 'gpu0',
  kind: 'Tesla T4',
  busyShare: 0,
  memoryUsedMb: 0,
  memoryMb: 0,
  shareByTenant: [],
  timeline: [],
};

describe('summarizeRuns', () => {
  const runs = [1, 2, 3, 4, 5].map((seed) => {
    const log = mm1Log({ load: 0.7, arrivals: 5000, seed });
    return summarize(runOf(log, { seed, tenants: [{ name: 'a', slo: { percentile: 95, limitMs: 10 } }] }));
  });
  const combined = summarizeRuns(runs);

  it("has the mean of the runs with Student's interval between them", () => {
    const { value, low, high } = combined.total.latencyMs.mean;
    const means = runs.map((run) => run.total.latencyMs.mean.value);
    expect(value).toBeCloseTo(means.reduce((sum, mean) => sum + mean, 0) / 5, 12);
    const squares = means.reduce((sum, mean) => sum + (mean - value) ** 2, 0);
    expect(high - value).toBeCloseTo(2.7764 * Math.sqrt(squares / 4 / 5), 3);
    expect(value - low).toBeCloseTo(high - value, 12);
  });

  it('adds up counts and seconds, and names its seeds', () => {
    expect(combined).toMatchObject({ runs: 5, seed: '1, 2, 3, 4, 5' });
    expect(combined.total.counts.offered).toBe(25_000);
    expect(combined.measuredS).toBeCloseTo(
      runs.reduce((sum, run) => sum + run.measuredS, 0),
      9,
    );
  });

  it('is the run itself for a single run', () => {
    expect(summarizeRuns([runs[0]!])).toBe(runs[0]);
  });

  it('knows that five runs without a miss may miss, but less often than one alone', () => {
    const perfect = [1, 2, 3, 4, 5].map((seed) => {
      const tenants = [{ name: 'a', slo: { percentile: 99, limitMs: 1000 } }];
      return summarize(runOf(mm1Log({ load: 0.5, arrivals: 2000, seed }), { tenants }));
    });
    const attainments = perfect.map(({ tenants }) => tenants[0]!.slo!.attainment);
    const { value, low, high } = summarizeRuns(perfect).tenants[0]!.slo!.attainment;
    expect([value, high]).toEqual([1, 1]);
    expect(low).toBeLessThan(1);
    expect(low).toBeGreaterThan(Math.max(...attainments.map((one) => one.low)));
  });

  it('has the largest latency of all runs, whichever it was in', () => {
    const withMax = (max: number) => {
      const { total } = runs[0]!;
      return { ...runs[0]!, total: { ...total, latencyMs: { ...total.latencyMs, max } } };
    };
    const maxOf = (...all: readonly number[]) => summarizeRuns(all.map(withMax)).total.latencyMs.max;
    expect([maxOf(3, 9, 10), maxOf(10, 9, 3), maxOf(Number.NaN, 9, 3)]).toEqual([10, 10, 9]);
  });

  it('promises nothing for tenants to whom nothing was promised', () => {
    expect(combined.tenants[0]!.slo).toBeDefined();
    expect(combined.total).not.toHaveProperty('slo');
  });

  describe('a share of several runs', () => {
    const combinedShare = (shares: readonly number[], trials: number) =>
      summarizeRuns(
        shares.map((share) => {
          const [tenant] = runs[0]!.tenants;
          const attainment = scoreInterval(share, trials);
          return { ...runs[0]!, tenants: [{ ...tenant!, slo: { ...tenant!.slo!, attainment } }] };
        }),
      ).tenants[0]!.slo!.attainment;

    it('is as uncertain as the runs differ, where they do by more than each alone would explain', () => {
      const { value, low, high } = combinedShare([0.5, 0.6, 0.7, 0.55, 0.65], 1e6);
      expect(value).toBeCloseTo(0.6, 12);
      const halfWidth = 2.7764 * Math.sqrt(0.00625 / 5);
      expect((high - low) / 2 / halfWidth).toBeGreaterThan(0.9);
      expect((high - low) / 2 / halfWidth).toBeLessThan(1.1);
    });

    it('is that of the runs that know it', () => {
      const known = combinedShare([0.5, 0.7], 1000);
      expect(combinedShare([0.5, Number.NaN, 0.7], 1000)).toEqual(known);
      expect(known.value).toBeCloseTo(0.6, 12);
    });

    it('is as certain as all their trials together, where they happen to agree', () => {
      const together = scoreInterval(0.6, 100);
      const { low, high } = combinedShare([0.6, 0.6, 0.6, 0.6, 0.6], 20);
      expect(low).toBeCloseTo(together.low, 9);
      expect(high).toBeCloseTo(together.high, 9);
    });
  });

  it('counts a tenant that did not run on a device in one of them as nothing there', () => {
    const on = (busyShare: number, memoryUsedMb: number, shareByTenant: DeviceSummary['shareByTenant']) => ({
      ...runs[0]!,
      devices: [{ ...DEVICE, busyShare, memoryUsedMb, shareByTenant }],
    });
    const [device] = summarizeRuns([
      on(0.2, 300, [{ tenant: 'b', share: 0.2 }]),
      on(0.6, 100, [
        { tenant: 'a', share: 0.2 },
        { tenant: 'b', share: 0.4 },
      ]),
    ]).devices;
    expect(device!.memoryUsedMb).toBe(300);
    expect(device!.busyShare).toBeCloseTo(0.4, 12);
    expect(device!.shareByTenant.map(({ tenant }) => tenant)).toEqual(['a', 'b']);
    expect(device!.shareByTenant.map(({ share }) => share.toFixed(6))).toEqual(['0.100000', '0.300000']);
  });

  it('adds up the executions of a model, with the batches of all of them', () => {
    const of = (byBatchSize: readonly number[]) => {
      const executions = byBatchSize.reduce((sum, count) => sum + count, 0);
      const inferences = byBatchSize.reduce((sum, count, batch) => sum + count * batch, 0);
      const model = { server: 's', model: 'm', executions, meanBatch: inferences / executions, byBatchSize };
      return { ...runs[0]!, models: [model] };
    };
    const [model] = summarizeRuns([of([0, 3, 1]), of([]), of([0, 0, 0, 2])]).models;
    expect(model).toMatchObject({ executions: 6, byBatchSize: [0, 3, 1, 2] });
    expect(model!.meanBatch).toBeCloseTo((3 + 2 + 6) / 6, 12);
  });

  it('gives each warning once, and none of a run too short for a tenant that was measured', () => {
    const warning = (code: string, subject: string) => ({ code, subject, message: `${code} ${subject}` });
    const unmeasured = { ...runs[0]!.tenants[0]!, tenant: 'b' };
    const counts = { ...unmeasured.counts, completed: 0 };
    const run = {
      ...runs[0]!,
      tenants: [runs[0]!.tenants[0]!, { ...unmeasured, counts }],
      warnings: [warning('short-run', 'a'), warning('short-run', 'b'), warning('overloaded', 'a')],
    } as Summary;
    expect(summarizeRuns([run, run]).warnings).toEqual([
      warning('short-run', 'b'),
      warning('overloaded', 'a'),
    ]);
  });

  it('refuses nothing at all and runs of different scenarios', () => {
    expect(() => summarizeRuns([])).toThrow('no run');
    const other = summarize(runOf(buildLog([], 1000, ['x'])));
    expect(() => summarizeRuns([runs[0]!, other])).toThrow('differ');
  });

  it('takes the worst verdict that at least half of the runs share', () => {
    const overloaded = summarize(runOf(mm1Log({ load: 1.5, arrivals: 3000, seed: 1 })));
    const stable = summarize(runOf(mm1Log({ load: 0.5, arrivals: 3000, seed: 1 })));
    expect(summarizeRuns([overloaded, stable, stable]).total.stability).toBe('stable');
    expect(summarizeRuns([overloaded, stable]).total.stability).toBe('overloaded');
    expect(summarizeRuns([stable, overloaded]).total.stability).toBe('overloaded');
  });
});
