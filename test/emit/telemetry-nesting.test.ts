import { beforeAll, describe, expect, it } from 'vitest';
import { groupBy } from '../../src/base/group-by.js';
import { logToOtel } from '../../src/emit/telemetry/otel.js';
import { logToPerfetto } from '../../src/emit/telemetry/perfetto.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';

const SHIPPED = ['ensemble', 'rate-limiter'];

async function logOf(name: string) {
  const { scenario } = await loadScenario(`examples/scenarios/${name}.yaml`, { durationS: 4, warmUpS: 0 });
  return simulate(scenario).log;
}

interface Slice {
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
}

const ns = (us: number): number => Math.round(us * 1000);

/** Slices of one track that neither follow the one before nor lie inside of it: Perfetto drops them. */
function dropped(slices: readonly Slice[]): readonly Slice[] {
  const open: number[] = [];
  return [...slices]
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur)
    .filter(({ ts, dur }) => {
      while (open.length > 0 && open.at(-1)! <= ns(ts)) open.pop();
      const endNs = ns(ts) + ns(dur);
      const reachesOut = open.length > 0 && endNs > open.at(-1)!;
      open.push(endNs);
      return reachesOut;
    });
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface Line {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly [{ readonly spans: readonly Span[] }] }[];
}

describe.each(SHIPPED)('the telemetry of %s', (name) => {
  let log: RequestLog;
  beforeAll(async () => {
    log = await logOf(name);
  });

  it('has no slice that Perfetto drops: each lies inside the one around it, to the nanosecond', () => {
    const { traceEvents } = JSON.parse([...logToPerfetto(log)].join(''));
    const slices = (traceEvents as Slice[]).filter(({ ph }) => ph === 'X');
    const tracks = groupBy(slices, ({ pid, tid }) => `${pid} ${tid}`);
    expect([...tracks.values()].flatMap(dropped)).toEqual([]);
  });

  it('has every span inside its parent, also of requests that the run ends in', () => {
    const lines = [...logToOtel(log, { startMs: 0, run: 'run', version: '1' })];
    const spans = lines.flatMap((line) =>
      (JSON.parse(line) as Line).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0].spans),
    );
    const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
    const outside = spans.filter(({ traceId, parentSpanId, startTimeUnixNano, endTimeUnixNano }) => {
      if (parentSpanId === undefined) return false;
      const parent = byId.get(`${traceId} ${parentSpanId}`)!;
      const [from, to] = [BigInt(parent.startTimeUnixNano), BigInt(parent.endTimeUnixNano)];
      return BigInt(startTimeUnixNano) < from || BigInt(endTimeUnixNano) > to;
    });
    expect(outside).toEqual([]);
  });
});
