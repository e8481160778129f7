import { placeOf, type ReadOptions, TraceRows } from './collect.js';
import { ARRIVAL_COLUMN, OPTIONAL_COLUMN_SPECS, TENANT_COLUMN, unknownColumn } from './columns.js';
import { checkMeta, formatNeededMeta } from './meta.js';
import { quoteValue, type RowProblems } from './row-problems.js';
import { ROWS_PER_CHUNK } from './rows.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace, traceLength } from './trace.js';

/**
 * Reads a trace from JSON Lines: one object per request with the keys of the CSV columns, of which
 * only `arrival_us` must be there. What the rows cannot say stands in a first line
 * `{"trace": {"duration_us": 60000000, "source": "…", "tenants": ["a", "b"]}}`.
 *
 * @throws InputError with the line of every problem
 */
export function parseTraceJsonl(text: string, options: ReadOptions = {}): Trace {
  const rows = new TraceRows(options);
  const { problems } = rows;
  let line = 0;
  let isFirst = true;
  for (const content of linesOf(text)) {
    line++;
    if (content.trim() === '') continue;
    const fields = parseLine(content, line, problems);
    if (fields === undefined) continue;
    const place = { ...placeOf(options), line };
    if (isFirst && 'trace' in fields) problems.gather(() => rows.describe(checkMeta(fields['trace'], place)));
    else addRow(fields, line, rows);
    isFirst = false;
  }
  return rows.finish();
}

/** The trace as JSON Lines; {@link parseTraceJsonl} gives the same trace back. */
export function formatTraceJsonl(trace: Trace): string {
  return [...traceJsonlChunks(trace)].join('');
}

/** As {@link formatTraceJsonl}, in pieces, since a long trace does not fit into one string. */
export function* traceJsonlChunks(trace: Trace): Generator<string> {
  const meta = formatNeededMeta(trace);
  if (meta !== undefined) yield `{"trace":${meta}}\n`;
  const names = trace.tenants.map((name) => JSON.stringify(name));
  const columns = OPTIONAL_COLUMNS.flatMap((key) => {
    const values = trace[key];
    return values === undefined ? [] : [{ head: `,"${OPTIONAL_COLUMN_SPECS[key].name}":`, values }];
  });
  for (let from = 0; from < traceLength(trace); from += ROWS_PER_CHUNK) {
    yield formatRows(trace, names, columns, from);
  }
}

const KEY_BY_NAME = new Map<string, OptionalColumn>(
  OPTIONAL_COLUMNS.map((key) => [OPTIONAL_COLUMN_SPECS[key].name, key]),
);

function formatRows(
  trace: Trace,
  names: readonly string[],
  columns: readonly { readonly head: string; readonly values: ArrayLike<number> }[],
  from: number,
): string {
  const to = Math.min(traceLength(trace), from + ROWS_PER_CHUNK);
  let text = '';
  for (let row = from; row < to; row++) {
    text += `{"arrival_us":${trace.arrivalUs[row]},"tenant":${names[trace.tenant[row] as number]}`;
    for (const { head, values } of columns) text += head + values[row];
    text += '}\n';
  }
  return text;
}

function* linesOf(text: string): Generator<string> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    yield text.slice(at, end);
    at = end + 1;
  }
}

function parseLine(
  content: string,
  line: number,
  problems: RowProblems,
): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    problems.add({
      line,
      what: `${quoteValue(content)} is not JSON`,
      remedy: 'write one JSON object per line',
    });
    return undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  problems.add({ line, what: `${quoteValue(content)} is not a JSON object`, remedy: EXAMPLE });
  return undefined;
}

const EXAMPLE = 'write for example {"arrival_us": 1500, "tenant": "a"}';

function addRow(fields: Record<string, unknown>, line: number, rows: TraceRows): void {
  const { problems } = rows;
  const tenant = fields[TENANT_COLUMN] ?? undefined;
  if (tenant !== undefined && typeof tenant !== 'string') {
    problems.add({ line, path: TENANT_COLUMN, what: `${quoteValue(tenant)} is not a name` });
  }
  rows.add(line, fields[ARRIVAL_COLUMN.name] as number, tenant === undefined ? undefined : String(tenant));
  for (const name in fields) {
    if (name === ARRIVAL_COLUMN.name || name === TENANT_COLUMN) continue;
    const key = KEY_BY_NAME.get(name);
    if (key === undefined) problems.add({ line, ...unknownColumn(name) });
    else rows.set(key, (fields[name] ?? OPTIONAL_COLUMN_SPECS[key].default) as number);
  }
}
