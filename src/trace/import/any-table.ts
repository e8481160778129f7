import { placeOf, readWhole, type TraceReader } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { TextLines } from '../text-lines.js';
import type { Trace } from '../trace.js';
import { isObject } from './json.js';
import type { ImportOptions, TimeFormat } from './options.js';
import { parseStampUs } from './stamp.js';
import { StampedRequests } from './stamped.js';
import { TableText } from './table.js';

/**
 * Any table with a row for each request: CSV with a header, or JSON Lines. `timeColumn` (default `timestamp`) says when,
 * in the form of `timeFormat`, and `tenantColumn`, where there is one, whose. The earliest row is time 0.
 *
 * @throws InputError with the line of every problem
 */
export function importTable(text: string, options: ImportOptions = {}): Trace {
  return readWhole(text, beginTable(options));
}

/** As {@link importTable}, of a text that comes piece by piece. */
export function beginTable(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const requests = new StampedRequests();
  const { timeColumn = 'timestamp', tenantColumn } = options;
  const addRow: AddRow = (line, get) => {
    const value = get(timeColumn);
    const us = timeUs(value, options.timeFormat);
    if (Number.isSafeInteger(us)) requests.add(us, tenantOf(tenantColumn && get(tenantColumn), options));
    else problems.add({ line, path: timeColumn, ...noTime(value, options.timeFormat) });
  };
  const columns = [timeColumn, ...(tenantColumn === undefined ? [] : [tenantColumn])];
  const readerOf = (text: string) =>
    /^\uFEFF?\s*\{/.test(text)
      ? jsonLines(addRow, problems, options)
      : new TableText([columns], ({ line, get }) => addRow(line, get), problems, placeOf(options));
  let before = '';
  let rows: Pick<TableText, 'push' | 'finish'> | undefined;
  return {
    push: (piece) => {
      before += rows === undefined ? piece : '';
      if (rows === undefined && before.trim() === '') return;
      const text = rows === undefined ? before : piece;
      rows ??= readerOf(text);
      rows.push(text);
    },
    finish: () => {
      (rows ?? readerOf('')).finish();
      problems.throwIfAny();
      return requests.toTrace('table', options, options.spread);
    },
  };
}

type AddRow = (line: number, get: (column: string) => unknown) => void;

function jsonLines(addRow: AddRow, problems: RowProblems, options: ImportOptions): TextLines {
  const addLine = (content: string, line: number) => {
    if (content.trim() === '') return;
    problems.rows++;
    const row = parsed(content);
    if (isObject(row)) addRow(line, (column) => (Object.hasOwn(row, column) ? row[column] : undefined));
    else
      problems.add({ line, what: `${quoteValue(content)} is no JSON object`, remedy: 'write one per line' });
  };
  return new TextLines(addLine, placeOf(options));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A cell that is empty says nothing. */
function tenantOf(value: unknown, { tenant = DEFAULT_TENANT }: ImportOptions): string {
  const name = value === undefined || value === null ? '' : String(value).trim();
  return name === '' ? tenant : name;
}

const US_OF = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;

/** NaN for what has another form. */
function timeUs(value: unknown, format: TimeFormat = 'iso'): number {
  if (format === 'iso') return typeof value === 'string' ? parseStampUs(value) : Number.NaN;
  return Math.round(numberOf(value) * US_OF[format]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : parseNumber(String(value ?? ''));
}

function noTime(value: unknown, format: TimeFormat = 'iso') {
  const what = `${quoteValue(value)} is not a time${format === 'iso' ? '' : ` in ${format}`}`;
  if (format !== 'iso')
    return { what, remedy: 'write --time-format iso for stamps like 2023-11-16T18:17:03Z' };
  return Number.isNaN(numberOf(value))
    ? { what, remedy: 'write it like 2023-11-16T18:17:03.98Z' }
    : { what: `${what} of a calendar`, remedy: 'say what it counts: --time-format s, ms, us or ns' };
}
