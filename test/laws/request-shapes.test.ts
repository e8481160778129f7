import { describe, expect, it } from 'vitest';
import { figuresFor } from '../../src/check/figures.js';
import { judge } from '../../src/check/judge.js';
import { diffRuns } from '../../src/diff/diff-runs.js';
import { pairedAttainment, pairedLatency, pairedThroughput } from '../../src/diff/paired-logs.js';
import type { RunSnapshot } from '../../src/diff/snapshot.js';
import { runFailure } from '../../src/live/run-failure.js';
import { explain } from '../../src/metrics/explain.js';
import { PARTS } from '../../src/metrics/figures/split.js';
import { loggedPartsMs } from '../../src/metrics/latency-parts.js';
import { summarize, summarizeWithLatencies } from '../../src/metrics/summarize.js';
import type { TenantSummary } from '../../src/metrics/summary.js';
import { buildReport } from '../../src/report/build-report.js';
import { tenantsToCsv } from '../../src/report/csv.js';
import { explanationToText } from '../../src/report/explanation-text.js';
import { reportToHtml } from '../../src/report/html/page.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import { liveSummary, liveSummaryToText } from '../../src/report/live-text.js';
import type { RunReport } from '../../src/report/run-report.js';
import { reportToText } from '../../src/report/text.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { asSent } from '../../src/validate/as-sent.js';
import { figuresOfLiveRun, figuresOfSimulation } from '../../src/validate/run-figures.js';
import { littleCheck } from '../support/little.js';
import { SHAPE_NAMES, SHAPE_US, SHAPES, type ShapeName } from '../support/request-shapes.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** What the tenant `t` of a shape's log is to be measured by: 800 us lie between plain requests and longer ones. */
const SLO = { percentile: 99, limitMs: 0.8 };
const measured = { name: 't', slo: SLO };
/** Mean milliseconds of a plain request's parts. */
const PLAIN_MS = { network: 0.1, queue: 0.2, infer: 0.4, response: 0 };
/** The same of each shape; what is left out is 0. */
const SHAPE_MS: Readonly<Record<ShapeName, Partial<Record<(typeof PARTS)[number], number>>>> = {
  'no execution': { network: 0.1, response: 0.05 },
  'two executions': { network: 0.1, queue: 0.2, infer: 0.6 },
  'several responses': { network: 0.1, queue: 0.2, infer: 0.4, response: 0.4 },
};
const BATCHES: Readonly<Record<ShapeName, number>> = {
  'no execution': 1,
  'two executions': 1.5,
  'several responses': 1,
};

const spec = scenario(
  [server('s', { models: [{ config: config('m', 1), profile: profile('m', 0.4, 0) }] })],
  [tenant('t', 'm', arrivals([0]), { slo: SLO as never })],
  0.201,
);
const runOf = (log: RequestLog) => ({
  scenarioName: 'shapes',
  seed: 1,
  warmUpUs: 0,
  tenants: [measured],
  log,
});
const summaryOf = (log: RequestLog) => summarize(runOf(log));
const meanMsOf = (shape: ShapeName) => (0.7 + SHAPE_US[shape] / 1000) / 2;

function reportOf(log: RequestLog): RunReport {
  const result = { log, executions: [], devices: [], hosts: [], warnings: [] };
  return buildReport([{ scenario: spec, result }], { version: '0', scenarioFile: 'shapes.yaml' });
}

function snapshot(name: string, log: RequestLog): RunSnapshot {
  return { name, report: reportOf(log), log };
}

describe.each(SHAPE_NAMES)('a log with requests of %s', (shape) => {
  const log = SHAPES[shape]();
  const rows = Array.from(log.outcome.keys());
  const isStream = shape === 'several responses';

  it('has a summary of all of them', () => {
    const { counts, latencyMs, slo, stability, executedBatch } = summaryOf(log).tenants[0]!;
    expect(counts).toMatchObject({ offered: 200, completed: 200 });
    expect(latencyMs.mean.value).toBeCloseTo(meanMsOf(shape), 9);
    expect(slo!.attainment.value).toBe(SHAPE_US[shape] <= 800 ? 1 : 0.5);
    expect(stability).toBe('stable');
    expect(executedBatch).toBeCloseTo(BATCHES[shape], 9);
  });

  it('has a split whose parts are the mean latency', () => {
    const { splitMs, latencyMs } = summaryOf(log).tenants[0]!;
    for (const part of PARTS) {
      const plainMs = (PLAIN_MS as TenantSummary['splitMs'])[part] ?? 0;
      expect(splitMs[part], part).toBeCloseTo((plainMs + (SHAPE_MS[shape][part] ?? 0)) / 2, 4);
    }
    expect(PARTS.reduce((sum, part) => sum + splitMs[part], 0)).toBeCloseTo(latencyMs.mean.value, 4);
  });

  it('obeys the law of Little, and is in a distribution and a time line', () => {
    expect(littleCheck(log).relativeGap).toBeLessThan(1e-6);
    const { series } = summarizeWithLatencies(runOf(log), { cdfPoints: 11, slices: 1 });
    const { cdf, timeline } = series[0]!;
    expect(cdf.points.at(-1)!.ms).toBeCloseTo(Math.max(700, SHAPE_US[shape]) / 1000, 9);
    const queuedUs = { 'no execution': 0, 'two executions': 200, 'several responses': 200 }[shape];
    // An ensemble's own call is in no queue; a plain request is 200 us in one, each millisecond has one request of either.
    expect(timeline.bins[0]!.queued).toBeCloseTo(((200 + queuedUs) / 2 / 1000) * (200 / 201), 9);
  });

  it('has times to the first response and between responses only where there is a stream', () => {
    const { stream } = summaryOf(log).tenants[0]!;
    if (!isStream) return expect(stream).toBeUndefined();
    expect(stream).toMatchObject({ requests: 100, meanResponses: 3 });
    expect(stream!.firstResponseMs.mean.value).toBeCloseTo(0.7, 9);
    expect(stream!.betweenResponsesMs.mean.value).toBeCloseTo(0.1, 9);
  });

  it('is explained by what the slow requests spend their time on', () => {
    // Beside responses from a cache the plain requests are the slow ones.
    const slo = { ...SLO, limitMs: shape === 'no execution' ? 0.5 : 0.8 };
    const { slow, causes } = explain({ log, tenant: { name: 't', slo }, warmUpUs: 0 });
    const parts = slow!.parts.filter(({ extraMs }) => extraMs > 0.01).map(({ part }) => part);
    const expected = {
      'no execution': { lostIn: ['infer', 'queue'], codes: ['more-executions', 'own-load'] },
      'two executions': { lostIn: ['infer'], codes: ['more-executions'] },
      'several responses': { lostIn: ['response'], codes: ['response'] },
    }[shape];
    expect(parts).toEqual(expected.lostIn);
    expect(causes.map(({ code }) => code)).toEqual(expected.codes);
    const text = explanationToText({
      explanation: { tenant: 't', slow, causes },
      summary: summaryOf(log).tenants[0]!,
    });
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('is the same as itself in a diff, and worse or better than plain requests', () => {
    const plain = plainLogLike(log);
    const pair = { a: { name: 'a', log: plain }, b: { name: 'b', log }, tenant: 't', warmUpUs: 0 };
    expect(pairedLatency(pair).difference.value).toBeCloseTo(meanMsOf(shape) - 0.7, 9);
    expect(pairedAttainment(pair, { limitMs: 0.8 }).difference.value).toBe(SHAPE_US[shape] <= 800 ? 0 : -0.5);
    expect(pairedThroughput(pair).difference.value).toBeCloseTo(0, 9);
    const { metrics } = diffRuns(snapshot('a', log), snapshot('b', log));
    expect(metrics.every(({ difference }) => difference.value === 0)).toBe(true);
    // Responses of streams are compared by their intervals.
    const ofRequests = metrics.filter(({ metric }) => !metric.includes('response'));
    expect(ofRequests.every(({ basis }) => basis === 'requests')).toBe(true);
  });

  it('is judged by expectations', () => {
    const run = { report: reportOf(log), use: { fined: new Set() } } as unknown as Parameters<
      typeof judge
    >[0];
    const [figure] = figuresFor(run, { tenant: 't', metric: 'meanMs', atMost: 5 });
    expect(figure!.estimate.value).toBeCloseTo(meanMsOf(shape), 9);
    expect(
      judge(run, { tenant: 't', metric: 'p99Ms', atMost: 5 }, 'value').map(({ passed }) => passed),
    ).toEqual([true]);
    expect(
      judge(run, { tenant: 't', metric: 'p99Ms', atMost: 0.1 }, 'value').map(({ passed }) => passed),
    ).toEqual([false]);
  });

  it('of a live run has a summary, and is no failure', () => {
    expect(runFailure({ endReason: 'duration', remark: '', errors: [], log })).toBeUndefined();
    const text = liveSummaryToText(liveSummary(spec, log));
    expect(text).toMatch(/^t: 200 of 200 completed/);
    expect(text).not.toContain('NaN');
    expect(text.includes('first response')).toBe(isStream);
  });

  it('is compared in a validation by models, as the server counts', () => {
    const result = { log, executions: [], devices: [], hosts: [], warnings: [] };
    const validated = { ...spec, warmUpUs: 0, tenants: [{ ...measured, model: 'm' }] };
    const { models, tenants } = figuresOfSimulation(result, validated);
    expect(tenants[0]!.latenciesMs).toHaveLength(200);
    const { figures } = models[0]!;
    const expected = {
      'no execution': { queueMs: 0.2, inferMs: 0.4 },
      'two executions': { queueMs: 0.15, inferMs: 0.35 },
      'several responses': { queueMs: 0.2, inferMs: 0.4 },
    }[shape];
    expect(figures['queueMs']).toBeCloseTo(expected.queueMs, 6);
    expect(figures['inferMs']).toBeCloseTo(expected.inferMs, 6);
    expect(
      Object.entries(figures).filter(([name, ms]) => name !== 'meanBatch' && !Number.isFinite(ms)),
    ).toEqual([]);
    const fromClient = figuresOfLiveRun({ log, generator: {} as never, statistics: [] }, validated);
    expect(fromClient.tenants[0]!.figures['meanMs']).toBeCloseTo(meanMsOf(shape), 9);
    expect(asSent(spec, log).fromPlan(log).plannedUs).toHaveLength(200);
  });

  it('has latency parts that add up to what clients saw of these requests', () => {
    const ofModel = Array.from(log.calls.model.keys()).filter(
      (call) => log.calls.models[log.calls.model[call]!]!.name === 'm',
    );
    const requests = rows.filter((row) => log.calls.tree === undefined || hasCall(log, row, ofModel));
    const latencyMs =
      requests.reduce((sum, row) => sum + log.endedUs[row]! - log.plannedUs[row]!, 0) /
      requests.length /
      1000;
    const parts = Object.values(loggedPartsMs(log, ofModel));
    expect(parts.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(latencyMs, 4);
  });

  it('is in every form of a report, with the figures of a stream where there is one', async () => {
    const report = reportOf(log);
    const forms = [reportToText(report), tenantsToCsv(report), reportToHtml(report)];
    for (const form of forms) expect(form).not.toMatch(/NaN|undefined/);
    const [text, csv, html] = forms;
    expect(text!.includes('Streams of responses')).toBe(isStream);
    expect(csv!.includes('first_response_p99_ms')).toBe(isStream);
    expect(html!.includes('Streams of responses')).toBe(isStream);
    const back = parseReport(reportToJson(report)).summary.tenants[0]!;
    expect(back.stream?.meanResponses).toBe(isStream ? 3 : undefined);
    expect(back.splitMs.response).toBeCloseTo(report.summary.tenants[0]!.splitMs.response, 5);
  });
});

/** The same plan, every request answered after 700 us. */
function plainLogLike(log: RequestLog): RequestLog {
  return { ...log, endedUs: log.plannedUs.map((us) => us + 700) };
}

function hasCall(log: RequestLog, row: number, calls: readonly number[]): boolean {
  const { first } = log.calls.tree!;
  return calls.some((call) => call >= first[row]! && call < first[row + 1]!);
}
