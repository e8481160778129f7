import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { exportCommand } from '../../src/cli/commands/export.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { parseMetricsPage } from '../../src/live/metrics-page.js';
import { readRequestLog } from '../../src/node/runs/request-log-files.js';
import { runCommand } from '../cli/in-process.js';
import { smallScenario } from '../cli/small-scenario.js';

const { file, path } = smallScenario();
const exported = async (format: string, ...words: string[]) => {
  const out = path(`${format}.txt`);
  const command = ['export', path('run'), '--format', format, '--out', out, ...words];
  return {
    ...(await runCommand(exportCommand as CommandModule, command)),
    text: () => readFileSync(out, 'utf8'),
  };
};

interface TraceEvent {
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly tid: number;
  readonly args?: { readonly execution?: number; readonly request?: number };
}

interface OtlpLine {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly [{ readonly spans: readonly Span[] }] }[];
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

describe('perseus export', () => {
  beforeAll(async () => {
    await runCommand(simulateCommand as CommandModule, ['simulate', file, '--out', path('run')]);
  });

  it('gives Perfetto every execution once, on the track of its instance, and every request', async () => {
    const { code, text } = await exported('perfetto');
    expect(code).toBe(0);
    const { traceEvents: events } = JSON.parse(text()) as { traceEvents: TraceEvent[] };
    const log = await readRequestLog(path('run/requests.arrow'));
    const executions = events.filter(({ ph, args }) => ph === 'X' && args !== undefined);
    const ids = new Set(log.calls.execution.filter((id) => id >= 0));
    expect(executions.map(({ args }) => args!.execution!).sort((a, b) => a - b)).toEqual(
      [...ids].sort((a, b) => a - b),
    );
    // An instance executes one batch at a time.
    for (const tid of new Set(executions.map((one) => one.tid))) {
      const own = executions.filter((one) => one.tid === tid).sort((a, b) => a.ts - b.ts);
      for (const [i, one] of own.slice(1).entries())
        expect(one.ts - own[i]!.ts - own[i]!.dur!).toBeGreaterThan(-0.01);
    }
    const began = events.filter(({ ph, args }) => ph === 'b' && args?.request !== undefined);
    expect(began).toHaveLength(log.tenant.length);
    expect(events.filter(({ ph }) => ph === 'e')).toHaveLength(events.filter(({ ph }) => ph === 'b').length);
  });

  it('gives OpenTelemetry a trace for each request, in which every span lies inside its parent', async () => {
    const { text } = await exported('otel', '--began', '2026-01-31T12:00:00Z', '--start', '1', '--end', '2');
    const lines = text().trimEnd().split('\n');
    const spans = lines.flatMap((line) =>
      (JSON.parse(line) as OtlpLine).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0].spans),
    );
    const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
    expect(byId.size).toBe(spans.length);
    for (const { traceId, parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      const parent = parentSpanId === undefined ? undefined : byId.get(`${traceId} ${parentSpanId}`)!;
      const [start, end] = [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)];
      expect(start <= end).toBe(true);
      if (parent === undefined)
        expect(start / 10n ** 9n).toBe(BigInt(Date.parse('2026-01-31T12:00:01Z') / 1000));
      else {
        expect(start >= BigInt(parent.startTimeUnixNano)).toBe(true);
        expect(end <= BigInt(parent.endTimeUnixNano) + 1000n).toBe(true);
      }
    }
  });

  it('gives Prometheus a page that it can read, with every metric of the dashboard', async () => {
    const { text } = await exported('prometheus');
    const page = parseMetricsPage(text());
    const dashboard = readFileSync('deploy/grafana/perseus.json', 'utf8');
    const asked = new Set(dashboard.match(/perseus_\w+/g));
    expect([...asked].filter((name) => !page.has(name))).toEqual([]);
    expect(asked.size).toBeGreaterThan(9);
    const [met] = page.get('perseus_slo_met')!;
    expect(Object.fromEntries(met!.labels)).toEqual({ scenario: 'small', tenant: 'cats-people' });
  });

  it('says at once what of the options is wrong, and writes nothing', async () => {
    const wrong = await exported('perfetto', '--began', 'soon', '--start', '9', '--end', '3');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--began: "soon" is no time');
    expect(wrong.stderr).toContain('--end: 3 leaves nothing; write more than --start');
    expect((await exported('perfetto', '--start', '900')).stderr).toContain(
      'no request was planned in that time; leave --start and --end out',
    );
  });
});
