import { isObject, parsedJson } from '../base/json.js';
import {
  gatheringReader,
  placeOf,
  type ReadOptions,
  readWhole,
  type TraceReader,
  TraceRows,
} from './collect.js';
import { ARRIVAL_COLUMN, OPTIONAL_COLUMN_SPECS, TENANT_COLUMN, unknownColumn } from './columns.js';
import { checkMeta, formatNeededMeta } from './meta.js';
import { quoteValue, type RowProblems } from './row-problems.js';
import { rowChunks } from './rows.js';
import { TextLines } from './text-lines.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

/**
 * Reads a trace from JSON Lines: one object per request with the keys of the CSV columns, of which
 * only `arrival_us` must be there. What the rows cannot say stands in a first line
 * `{"trace": {"duration_us": 60000000, "source": "…", "tenants": ["a", "b"]}}`.
 *
 * @throws InputError with the line of every problem
 */
export function parseTraceJsonl(text: string, options: ReadOptions = {}): Trace {
  return readWhole(text, traceJsonlReader(options));
}

/** As {@link parseTraceJsonl}, of a text that comes piece by piece. */
export function traceJsonlReader(options: ReadOptions = {}): TraceReader {
  const rows = new TraceRows(options);
  const { problems } = rows;
  let isFirst = true;
  const addLine = (content: string, line: number) => {
    if (content.trim() === '') return;
    const fields = parseLine(content, line, problems);
    if (fields === undefined) return;
    const place = { ...placeOf(options), line };
    if (isFirst && 'trace' in fields) problems.gather(() => rows.describe(checkMeta(fields['trace'], place)));
    else addRow(fields, line, rows);
    isFirst = false;
  };
  return gatheringReader(new TextLines(addLine, placeOf(options)), rows);
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
  yield* rowChunks(trace, (row) => {
    let text = `{"arrival_us":${trace.arrivalUs[row]},"tenant":${names[trace.tenant[row] as number]}`;
    for (const { head, values } of columns) text += head + values[row];
    return `${text}}`;
  });
}

const KEY_BY_NAME = new Map<string, OptionalColumn>(
  OPTIONAL_COLUMNS.map((key) => [OPTIONAL_COLUMN_SPECS[key].name, key]),
);

function parseLine(
  content: string,
  line: number,
  problems: RowProblems,
): Record<string, unknown> | undefined {
  const value = parsedJson(content);
  if (isObject(value)) return value;
  problems.add(
    value === undefined
      ? { line, what: `${quoteValue(content)} is not JSON`, remedy: 'write one JSON object per line' }
      : { line, what: `${quoteValue(content)} is not a JSON object`, remedy: EXAMPLE },
  );
  return undefined;
}

const EXAMPLE = 'write for example {"arrival_us": 1500, "tenant": "a"}';

function addRow(fields: Record<string, unknown>, line: number, rows: TraceRows): void {
  const { problems } = rows;
  const tenant = fields[TENANT_COLUMN] ?? undefined;
  if (tenant !== undefined && typeof tenant !== 'string') {
    problems.add({ line, path: TENANT_COLUMN, what: `${quoteValue(tenant)} is not a name` });
  }
  const arrival = fields[ARRIVAL_COLUMN.name];
  rows.add(line, numberIn(arrival), tenant === undefined ? undefined : String(tenant));
  if (typeof arrival !== 'number') rows.noteWritten(ARRIVAL_COLUMN.name, arrival);
  for (const name in fields) {
    if (name === ARRIVAL_COLUMN.name || name === TENANT_COLUMN) continue;
    const key = KEY_BY_NAME.get(name);
    if (key === undefined) {
      problems.add({ line, ...unknownColumn(name) });
      continue;
    }
    const value = fields[name] ?? OPTIONAL_COLUMN_SPECS[key].default;
    rows.set(key, numberIn(value));
    if (typeof value !== 'number') rows.noteWritten(name, value);
  }
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
