import { shortHash } from '../../base/short-hash.js';
import { Outcome, type RequestLog } from '../../trace/request-log.js';
import { type CallRow, callsOf, type ExportWindow, endOf, outcomeOf, requestsIn } from './log-rows.js';

export interface OtelOptions extends ExportWindow {
  /** What the run began at, in milliseconds since 1970. */
  readonly startMs: number;
  /** Names the run: traces of two runs have different ids. */
  readonly run: string;
  readonly version: string;
}

/** Kinds and codes of OpenTelemetry's protocol (opentelemetry-proto 1.x, trace.proto). */
const KIND = { internal: 1, server: 2, client: 3 } as const;
const STATUS = { ok: 1, error: 2 } as const;
/** Spans of so many requests are one line: collectors read a line at a time. */
const REQUESTS_A_LINE = 200;

/**
 * A request log as OpenTelemetry spans: OTLP in JSON, a line for each export request, as the collector's file exporter writes and its
 * `otlpjsonfile` receiver reads them. A trace for each request: the client's span, in it one for each call of a model, in that
 * the wait in the queue and the execution.
 */
export function* logToOtel(log: RequestLog, options: OtelOptions): Generator<string> {
  let spans: Span[] = [];
  let requests = 0;
  for (const request of requestsIn(log, options)) {
    spans.push(...requestSpans(log, request, options));
    if (++requests % REQUESTS_A_LINE > 0) continue;
    yield line(spans, options);
    spans = [];
  }
  if (spans.length > 0) yield line(spans, options);
}

interface Span {
  readonly service: string;
  readonly span: object;
}

function line(spans: readonly Span[], { version }: OtelOptions): string {
  const services = [...new Set(spans.map(({ service }) => service))];
  const resourceSpans = services.map((service) => ({
    resource: { attributes: attributes({ 'service.name': service }) },
    scopeSpans: [
      {
        scope: { name: 'perseus', version },
        spans: spans.filter((one) => one.service === service).map(({ span }) => span),
      },
    ],
  }));
  return `${JSON.stringify({ resourceSpans })}\n`;
}

function requestSpans(log: RequestLog, request: number, options: OtelOptions): Span[] {
  const { startMs, run } = options;
  const traceId = `${shortHash(run).padStart(16, '0')}${hex(BigInt(request + 1), 16)}`;
  let next = 1n;
  const span = (
    of: { service: string; name: string; kind: number; parent?: string; startUs: number; endUs: number },
    more: object,
  ) => {
    const { service, name, kind, parent, startUs, endUs } = of;
    // Unique in its trace, and hardly ever the same in another.
    const spanId = hex((BigInt(request + 1) << 16n) | next++, 16);
    const times = { startTimeUnixNano: unixNs(startUs, startMs), endTimeUnixNano: unixNs(endUs, startMs) };
    const about = { traceId, spanId, ...(parent !== undefined && { parentSpanId: parent }), name, kind };
    return { spanId, span: { service, span: { ...about, ...times, ...more } } };
  };
  const tenant = log.tenants[log.tenant[request]!]!;
  const outcome = outcomeOf(log, request);
  const endUs = endOf(log, request);
  const whole = { service: tenant, name: `request of ${tenant}`, kind: KIND.client };
  const root = span(
    { ...whole, startUs: log.plannedUs[request]!, endUs },
    {
      attributes: attributes({
        'perseus.request': request,
        'perseus.tenant': tenant,
        'perseus.outcome': outcome,
        'perseus.inferences': log.batchSize[request]!,
      }),
      status:
        log.outcome[request] === Outcome.completed
          ? { code: STATUS.ok }
          : { code: STATUS.error, message: outcome },
    },
  );
  const ids = new Map<number, string>();
  const spans = [root.span];
  for (const row of callsOf(log, request)) {
    const parent = ids.get(log.calls.tree?.parent[row.call] ?? -1) ?? root.spanId;
    const own = { service: row.server, name: row.model, kind: KIND.server, parent };
    const call = span(
      { ...own, startUs: row.queuedUs, endUs: row.endedUs },
      { attributes: callAttributes(log, row) },
    );
    ids.set(row.call, call.spanId);
    spans.push(call.span);
    const inside = { service: row.server, kind: KIND.internal, parent: call.spanId };
    const waitedUs = Number.isNaN(row.startedUs) ? row.endedUs : row.startedUs;
    spans.push(span({ ...inside, name: 'queue', startUs: row.queuedUs, endUs: waitedUs }, {}).span);
    const endedUs = row.startedUs + row.executionUs;
    if (!Number.isNaN(endedUs))
      spans.push(span({ ...inside, name: 'execution', startUs: row.startedUs, endUs: endedUs }, {}).span);
  }
  return spans;
}

function callAttributes({ calls }: RequestLog, { call, model, version }: CallRow): object[] {
  return attributes({
    'perseus.model': model,
    ...(version !== undefined && { 'perseus.model_version': version }),
    'perseus.instance': calls.instance[call]!,
    'perseus.execution': calls.execution[call]!,
    'perseus.executed_batch': calls.executedBatch[call]!,
  });
}

/** 64-bit integers are texts in the protocol's JSON. */
function attributes(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

function unixNs(us: number, startMs: number): string {
  return String(BigInt(startMs) * 1_000_000n + BigInt(Math.round(us * 1000)));
}

const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, '0');
