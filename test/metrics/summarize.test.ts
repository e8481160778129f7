import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inMs } from '../../src/metrics/figures/latency-summary.js';
import { PARTS } from '../../src/metrics/figures/split.js';
import { summarizeRuns } from '../../src/metrics/replications.js';
import { seriesFigures } from '../../src/metrics/statistics/intervals.js';
import { type MeasuredRun, summarize, summarizeWithLatencies } from '../../src/metrics/summarize.js';
import { PERCENTILES, type TenantSummary } from '../../src/metrics/summary.js';
import { Outcome } from '../../src/trace/request-log.js';
import { buildLog, mm1Log, type TestRequest } from './log-builder.js';

function runOf(log: MeasuredRun['log'], options: Partial<MeasuredRun> = {}): MeasuredRun {
  return { scenarioName: 'test', seed: 1, warmUpUs: 0, tenants: [], log, ...options };
}

const REQUESTS: readonly TestRequest[] = [
  { plannedUs: 0, startedUs: 0, endedUs: 1_200_000 }, // planned in the warm-up, completed after it
  { plannedUs: 1_000_000, startedUs: 1_100_000, endedUs: 1_300_000, batchSize: 4, executedBatch: 8 },
  { plannedUs: 1_500_000, startedUs: 1_500_000, endedUs: 1_600_000, batchSize: 2, executedBatch: 2 },
  { plannedUs: 1_700_000, endedUs: 1_700_000, outcome: Outcome.rejected },
  { plannedUs: 1_800_000, endedUs: 1_900_000, outcome: Outcome.timedOut },
  { plannedUs: 2_000_000 }, // a second old at the end
  { plannedUs: 2_950_000 }, // too young to be late
];
const SMALL = runOf(buildLog(REQUESTS, 3_000_000), {
  warmUpUs: 1_000_000,
  tenants: [{ name: 'a', slo: { percentile: 97, limitMs: 250 } }],
});

it('a run that changes on its way, as when a server is lost, is said to say little of shares', () => {
  const requests = Array.from({ length: 8000 }, (_, i): TestRequest => {
    const latencyUs = (i < 5000 ? 5_000 : 6_000) + (i % 7);
    return { plannedUs: i * 10_000, startedUs: i * 10_000, endedUs: i * 10_000 + latencyUs };
  });
  const tenants = [{ name: 'a', slo: { percentile: 99, limitMs: 200 } }];
  const {
    tenants: [tenant],
    warnings,
  } = summarize(runOf(buildLog(requests, 81_000_000), { tenants }));
  expect(tenant!.slo!.attainment.value).toBe(1);
  expect(tenant!.slo!.attainment.low).not.toBeGreaterThan(0.9);
  expect(warnings.find(({ code }) => code === 'short-run')!.message).toBe(
    '8000 requests of a say no more than a few independent ones: they are few, come in spells, or the run changes on its way, as when a server is lost. Its p99 has no interval, and that of its share within the limit is wide.',
  );
});

describe('summarize', () => {
  const summary = summarize(SMALL);
  const tenant = summary.tenants[0]!;

  it('counts requests planned after the warm-up, and what became of them adds up', () => {
    expect(tenant.counts).toEqual({
      offered: 6,
      completed: 2,
      rejected: 1,
      timedOut: 1,
      failed: 0,
      inFlightAtEnd: 2,
    });
    expect([summary.measuredS, summary.warmUpS, tenant.offeredPerS]).toEqual([2, 1, 3]);
  });

  it('takes rates from what was completed in the window, whenever it was planned', () => {
    expect(tenant.throughputPerS.value).toBe(1.5);
    expect(tenant.inferencesPerS.value).toBe(3.5);
    expect(tenant.goodputPerS.value).toBe(0.5);
  });

  it('counts for a rate what was completed after the warm-up and by the end, the end with it', () => {
    const ended = [-1, 0, 1, 500_000, 1_000_000, 1_000_001].map((us) => 1_000_000 + us);
    const requests = ended.map((endedUs, i) => ({ plannedUs: i, startedUs: i, endedUs, batchSize: 3 }));
    const late = summarize({ ...runOf(buildLog(requests, 2_000_000)), warmUpUs: 1_000_000 }).total;
    expect([late.throughputPerS.value, late.inferencesPerS.value, late.goodputPerS.value]).toEqual([3, 9, 3]);
    expect([late.counts.offered, late.offeredPerS]).toEqual([0, 0]);
    // One that is planned for the very end is offered, one after it is not.
    const planned = buildLog(
      [{ plannedUs: 1_000_000 }, { plannedUs: 2_000_000 }, { plannedUs: 2_000_001 }],
      2_000_000,
    );
    expect(summarize({ ...runOf(planned), warmUpUs: 1_000_000 }).total.counts).toMatchObject({
      offered: 2,
      inFlightAtEnd: 2,
    });
  });

  it('tells a latency and both ends of its interval in milliseconds', () => {
    expect(inMs({ value: 1500, low: 1000, high: 2500 })).toEqual({ value: 1.5, low: 1, high: 2.5 });
    const log = mm1Log({ load: 0.7, arrivals: 5000, seed: 1 });
    const { summary: whole, totalLatenciesUs } = summarizeWithLatencies(runOf(log));
    expect(whole.total.latencyMs.mean).toEqual(inMs(seriesFigures(totalLatenciesUs).mean));
  });

  it('takes latency from the planned arrival, of requests planned in the window', () => {
    expect(tenant.latencyMs.mean.value).toBe(200);
    expect(tenant.latencyMs.max).toBe(300);
    expect(tenant.latencyMs.percentiles.map(({ percentile }) => percentile)).toEqual([...PERCENTILES, 97]);
    expect(tenant.latencyMs.percentiles[0]!.ms.value).toBe(200);
    expect(tenant.executedBatch).toBe(5);
  });

  it('names the percentile of the SLO once where it is one of the usual', () => {
    const usual = { ...SMALL, tenants: [{ name: 'a', slo: { percentile: 99, limitMs: 250 } }] };
    const { percentiles } = summarize(usual).tenants[0]!.latencyMs;
    expect(percentiles.map(({ percentile }) => percentile)).toEqual([...PERCENTILES]);
  });

  it('calls an SLO met of which exactly the promised share is kept, whatever digits the percentile has', () => {
    for (let kept = 900; kept < 1000; kept++) {
      const requests = Array.from({ length: 1000 }, (_, i) => ({
        plannedUs: i,
        startedUs: i,
        endedUs: i + (i < kept ? 1000 : 3000),
      }));
      const slo = { percentile: kept / 10, limitMs: 2 };
      const run = runOf(buildLog(requests, 10_000), { tenants: [{ name: 'a', slo }] });
      const once = summarize(run);
      expect([slo.percentile, once.tenants[0]!.slo!.met]).toEqual([slo.percentile, true]);
      expect(summarizeRuns([once, once]).tenants[0]!.slo!.met).toBe(true);
    }
  });

  it('counts refused, timed-out and overdue requests as missed and leaves out those not yet late', () => {
    expect(tenant.slo).toMatchObject({ percentile: 97, limitMs: 250, met: false });
    expect(tenant.slo!.attainment.value).toBe(0.2);
    expect(summary.warnings.map(({ code }) => code)).toContain('unserved-at-end');
  });

  it('does not say that an SLO is met of which no request was counted, in one run or in several', () => {
    const log = buildLog([{ plannedUs: 10, startedUs: 10, endedUs: 20 }], 2000);
    const tenants = [{ name: 'a', slo: { percentile: 99, limitMs: 1 } }];
    const idle = summarize({ ...runOf(log, { tenants }), warmUpUs: 1000 });
    expect(idle.tenants[0]!.counts.offered).toBe(0);
    expect(idle.tenants[0]!.slo!.met).toBeNull();
    expect(summarizeRuns([idle, idle]).tenants[0]!.slo!.met).toBeNull();
  });

  it('measures from when a request was sent where the tenant asks for it', () => {
    const log = buildLog([{ plannedUs: 0, sentUs: 500, startedUs: 600, endedUs: 1500 }], 2000);
    const planned = summarize(runOf(log)).tenants[0]!;
    const sent = summarize(runOf(log, { tenants: [{ name: 'a', latencyFrom: 'sent' }] })).tenants[0]!;
    expect([planned.latencyMs.mean.value, planned.splitMs.client]).toEqual([1.5, 0.5]);
    expect([sent.latencyMs.mean.value, sent.splitMs.client]).toEqual([1, 0]);
  });

  it('says that a run without requests after the warm-up is too short, and invents nothing', () => {
    const late = summarize({ ...SMALL, warmUpUs: 3_000_000 });
    expect(late.tenants[0]!.counts.offered).toBe(0);
    expect(late.tenants[0]!.latencyMs.mean.value).toBeNaN();
    expect(late.tenants[0]!.slo!.met).toBeNull();
    expect(late.warnings).toMatchObject([{ code: 'short-run', subject: 'a' }]);
  });

  it('divides the busy share of a device among its tenants, in their order by name', () => {
    const device = {
      server: 's',
      device: 'gpu0',
      kind: 'Tesla T4',
      busyShare: 0.6,
      busyUsByTenant: new Map([
        ['b', 300],
        ['a', 100],
      ]),
      memoryUsedMb: 10,
      memoryMb: 100,
      timeline: [0.5, 0.7],
    };
    const { devices, models } = summarize({
      ...SMALL,
      devices: [device],
      executions: [{ server: 's', model: 'm', byBatchSize: [0, 3, 1] }],
    });
    expect(devices[0]!.shareByTenant.map(({ tenant: name }) => name)).toEqual(['a', 'b']);
    expect(devices[0]!.shareByTenant[0]!.share).toBeCloseTo(0.15, 12);
    expect(devices[0]!.shareByTenant[1]!.share).toBeCloseTo(0.45, 12);
    expect(models[0]).toEqual({
      server: 's',
      model: 'm',
      executions: 4,
      meanBatch: 1.25,
      byBatchSize: [0, 3, 1],
    });
  });

  it('gives the same summary for the same run', () => {
    expect(JSON.stringify(summarize(SMALL))).toBe(JSON.stringify(summary));
  });
});

const request = fc.record({
  plannedUs: fc.integer({ min: 0, max: 10_000 }),
  heldUs: fc.constantFrom(0, 0, 700),
  tenant: fc.integer({ min: 0, max: 2 }),
  waitUs: fc.integer({ min: 0, max: 3000 }),
  serviceUs: fc.integer({ min: 1, max: 3000 }),
  networkUs: fc.integer({ min: 0, max: 100 }),
  frontEndUs: fc.integer({ min: 0, max: 100 }),
  batchSize: fc.integer({ min: 1, max: 8 }),
  fate: fc.constantFrom('answered', 'rejected', 'timedOut', 'failed'),
});

const randomLog = fc.array(request, { maxLength: 60 }).map((drafts) => {
  const endUs = 12_000;
  const sorted = [...drafts].sort((a, b) => a.plannedUs - b.plannedUs);
  const requests = sorted.map(({ fate, heldUs, waitUs, serviceUs, ...rest }): TestRequest => {
    const draft = { ...rest, sentUs: rest.plannedUs + heldUs };
    if (fate !== 'answered')
      return { ...draft, endedUs: Math.min(endUs, draft.sentUs + waitUs), outcome: Outcome[fate] };
    const startedUs = draft.sentUs + draft.networkUs / 2 + draft.frontEndUs + waitUs;
    const endedUs = startedUs + serviceUs + draft.networkUs / 2;
    return endedUs <= endUs ? { ...draft, startedUs, endedUs } : draft;
  });
  return buildLog(requests, endUs, ['a', 'b', 'c']);
});

describe('laws of any summary', () => {
  const WITH_SLO = { name: 'b', slo: { percentile: 90, limitMs: 2 } };
  const SENDING = { name: 'c', latencyFrom: 'sent' } as const;
  const measured = fc
    .tuple(randomLog, fc.integer({ min: 0, max: 11_999 }))
    .map(([log, warmUpUs]) => summarize(runOf(log, { warmUpUs, tenants: [WITH_SLO, SENDING] })));

  function eachScope(check: (scope: TenantSummary) => void): void {
    fc.assert(fc.property(measured, (summary) => [...summary.tenants, summary.total].forEach(check)));
  }

  it('offered = completed + rejected + timed out + failed + in flight', () => {
    eachScope(({ counts: { offered, ...parts } }) => {
      expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(offered);
    });
  });

  it('the split adds up to the mean latency', () => {
    eachScope(({ splitMs, latencyMs, counts }) => {
      const sum = PARTS.reduce((total, part) => total + splitMs[part], 0);
      if (counts.completed > 0) expect(sum).toBeCloseTo(latencyMs.mean.value, 6);
      else expect(sum).toBeNaN();
    });
  });

  it('percentiles ascend, and none is beyond the maximum', () => {
    eachScope(({ latencyMs }) => {
      const values = latencyMs.percentiles.slice(0, PERCENTILES.length).map(({ ms }) => ms.value);
      for (let i = 1; i < values.length; i++)
        expect(values[i]! >= values[i - 1]! || Number.isNaN(values[i])).toBe(true);
      expect(values.at(-1)! <= latencyMs.max || Number.isNaN(latencyMs.max)).toBe(true);
    });
  });

  it('goodput never exceeds throughput, and attainment is a share', () => {
    eachScope(({ goodputPerS, throughputPerS, slo }) => {
      expect(goodputPerS.value > throughputPerS.value).toBe(false);
      const attainment = slo?.attainment.value ?? 0;
      expect(attainment < 0 || attainment > 1).toBe(false);
    });
  });

  it('tenants add up to the total', () => {
    fc.assert(
      fc.property(measured, ({ tenants, total }) => {
        const sumOf = (figure: (tenant: TenantSummary) => number) =>
          tenants.reduce((sum, t) => sum + figure(t), 0);
        expect(sumOf(({ counts }) => counts.offered)).toBe(total.counts.offered);
        for (const rate of ['throughputPerS', 'inferencesPerS', 'goodputPerS'] as const) {
          expect(sumOf((tenant) => tenant[rate].value)).toBeCloseTo(total[rate].value, 6);
        }
      }),
    );
  });
});

describe('summarize against theory', () => {
  it('is as sure of a rate as its requests were even: of Poisson ones as their number says, of a clock’s far more', () => {
    const relative = ({ throughputPerS: { value, low, high } }: TenantSummary) => (high - low) / 2 / value;
    const count = 40_000;
    const poisson = summarize(runOf(mm1Log({ load: 0.5, arrivals: count, seed: 5 }))).tenants[0]!;
    expect(relative(poisson) / (1.96 / Math.sqrt(count))).toBeGreaterThan(0.7);
    expect(relative(poisson) / (1.96 / Math.sqrt(count))).toBeLessThan(1.5);
    const ticks = Array.from({ length: count }, (_, i) => ({
      plannedUs: 1000 * i,
      startedUs: 1000 * i,
      endedUs: 1000 * i + 500,
    }));
    const clock = summarize(runOf(buildLog(ticks, 1000 * count))).tenants[0]!;
    expect(relative(clock)).toBeLessThan(0.1 * relative(poisson));
  });

  it('finds mean and percentiles of M/M/1 within their own intervals', () => {
    const log = mm1Log({ load: 0.8, arrivals: 200_000, seed: 3 });
    const { latencyMs, throughputPerS, stability } = summarize(
      runOf(log, { warmUpUs: 0.02 * log.endUs }),
    ).total;
    expect(latencyMs.mean.value).toBeCloseTo(5, 0);
    expect(latencyMs.mean.low).toBeLessThan(5);
    expect(latencyMs.mean.high).toBeGreaterThan(5);
    const p99 = latencyMs.percentiles.find(({ percentile }) => percentile === 99)!.ms;
    expect(p99.low).toBeLessThan(5 * Math.log(100));
    expect(p99.high).toBeGreaterThan(5 * Math.log(100));
    expect(Math.abs(throughputPerS.value - 800)).toBeLessThan(8);
    expect(stability).toBe('stable');
  });

  it('warns of an overloaded tenant with the numbers', () => {
    const { warnings } = summarize(runOf(mm1Log({ load: 1.5, arrivals: 3000, seed: 4 })));
    expect(warnings.find(({ code }) => code === 'overloaded')?.message).toMatch(/piled up/);
  });

  it('warns of a warm-up that is too short, and not when it is long enough', () => {
    const log = mm1Log({ load: 0.5, arrivals: 20_000, seed: 5, until: { share: 0.2, load: 1 } });
    const codes = (warmUpUs: number) => summarize(runOf(log, { warmUpUs })).warnings.map(({ code }) => code);
    expect(codes(0)).toContain('warm-up-uncertain');
    expect(codes(0.25 * log.endUs)).not.toContain('warm-up-uncertain');
  });
});
