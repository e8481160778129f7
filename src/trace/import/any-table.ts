import { isObject, parsedJson } from '../../base/json.js';
import { placeOf, type TraceReader } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { separatorOf } from '../csv-rows.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { requireEnd, TextLines } from '../text-lines.js';
import { Arrivals } from './arrivals.js';
import { carriedReader, numberOf } from './carried.js';
import type { ImportOptions, TimeFormat } from './options.js';
import { tenantOfCell } from './request-line.js';
import { parseStampUs } from './stamp.js';
import { type TableRow, TableText } from './table.js';

/**
 * Any table with a row for each request: CSV with a header, or JSON Lines. Cells stand between commas, semicolons or
 * tabs; where no comma parts them, one may begin the decimals. `service.name` is a key within one of JSON. `timeColumn` (default `timestamp`) says when,
 * in the form of `timeFormat`, and `tenantColumn`, where there is one, whose: of a request line or a path its model, else its path.
 * Others say how many inferences or tokens; an empty cell is as the tenant says. The earliest row is time 0.
 *
 * @throws InputError with the line of every problem
 */
export function beginTable(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const requests = new Arrivals(options);
  const { timeColumn = 'timestamp', tenantColumn } = options;
  const carriers = CARRIED.flatMap(({ key, option }) => {
    const column = options[option];
    return column === undefined ? [] : [{ key, column }];
  });
  let lacksTenants = tenantColumn !== undefined;
  const carriedBy = carriedReader(carriers, problems);
  const addRow: AddRow = (line, get) => {
    const value = get(timeColumn);
    const us = timeUs(value, options.timeFormat);
    const whose = tenantColumn === undefined ? (options.tenant ?? DEFAULT_TENANT) : get(tenantColumn);
    lacksTenants &&= whose === undefined;
    const name = tenantOfCell(String(whose ?? '').trim());
    if (isObject(whose)) problems.add({ line, path: tenantColumn!, ...noName(tenantColumn!, whose) });
    else if (Number.isSafeInteger(us) && name !== '') requests.add(us, name, carriedBy(line, get));
    else if (Number.isSafeInteger(us)) requests.addUnnamed(us, carriedBy(line, get));
    else problems.add({ line, path: timeColumn, ...noTime(value, options.timeFormat) });
  };
  const columns = [timeColumn, ...(tenantColumn === undefined ? [] : [tenantColumn])].concat(
    carriers.map(({ column }) => column),
  );
  const readerOf = (text: string) => {
    if (/^\uFEFF?\s*\{/.test(text)) return jsonLines(addRow, problems, options);
    const separator = separatorOf(firstLine(text) ?? text);
    const cell = (value: string | undefined, column: string) =>
      separator !== ',' && column === timeColumn ? value?.replace(',', '.') : value;
    const onRow = ({ line, get }: TableRow) => addRow(line, (column) => cell(get(column), column));
    const remedy = text.trimStart().startsWith('[')
      ? "write an object on each line, as jq -c '.[]' does"
      : 'name columns that it has, such as with --time-column';
    return new TableText([columns], onRow, problems, placeOf(options), { separator, remedy });
  };
  let before = '';
  let rows: Pick<TableText, 'push' | 'finish'> | undefined;
  return {
    push: (piece) => {
      before += rows === undefined ? piece : '';
      if (rows === undefined && firstLine(before) === undefined) return requireEnd(before, placeOf(options));
      const text = rows === undefined ? before : piece;
      rows ??= readerOf(text);
      rows.push(text);
    },
    finish: () => {
      if (rows === undefined) {
        rows = readerOf(before);
        rows.push(before);
      }
      rows.finish();
      if (lacksTenants && problems.rows > 0)
        problems.add({ path: tenantColumn!, what: 'no row has it', remedy: KEYS });
      problems.throwIfAny();
      return requests.toTrace('table', { originUs: requests.earliestUs, spread: options.spread });
    },
    notes: () => [
      ...requests.notesOnUnnamed(`have nothing in ${tenantColumn}`),
      ...requests.notesOnSeconds(),
    ],
  };
}

/** What a request can carry, and the option that names its column. */
const CARRIED = [
  { key: 'batchSize', option: 'batchColumn' },
  { key: 'promptTokens', option: 'promptTokensColumn' },
  { key: 'outputTokens', option: 'outputTokensColumn' },
] as const;

const KEYS = 'write a key of the lines; a.b is the key b of what the key a holds';

/** The first line that is not blank, once all of it is there. */
function firstLine(text: string): string | undefined {
  return /^\s*(\S.*)\n/.exec(text)?.[1];
}

function noName(column: string, value: object) {
  const [key = 'name'] = Object.keys(value);
  return {
    what: `${quoteValue(value)} is not a name`,
    remedy: `write --tenant-column ${column}.${key}, or another key in it`,
  };
}

type AddRow = (line: number, get: (column: string) => unknown) => void;

function jsonLines(addRow: AddRow, problems: RowProblems, options: ImportOptions): TextLines {
  const addLine = (content: string, line: number) => {
    if (content.trim() === '') return;
    problems.rows++;
    const row = parsedJson(content);
    if (isObject(row)) addRow(line, (column) => valueAt(row, column));
    else
      problems.add({ line, what: `${quoteValue(content)} is no JSON object`, remedy: 'write one per line' });
  };
  return new TextLines(addLine, placeOf(options));
}

/** What a key holds; else what the parts of the name lead to. */
function valueAt(row: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  const dot = name.indexOf('.');
  const inner = dot > 0 && Object.hasOwn(row, name.slice(0, dot)) ? row[name.slice(0, dot)] : undefined;
  return isObject(inner) ? valueAt(inner, name.slice(dot + 1)) : undefined;
}

const US_OF = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;

/** NaN for what has another form. */
function timeUs(value: unknown, format: TimeFormat = 'iso'): number {
  if (format === 'iso') return typeof value === 'string' ? parseStampUs(value) : Number.NaN;
  return Math.round(numberOf(value) * US_OF[format]);
}

function noTime(value: unknown, format: TimeFormat = 'iso') {
  if (String(value ?? '').trim() === '')
    return { what: 'has no time', remedy: 'leave out such rows, or name another --time-column' };
  const what = `${quoteValue(value)} is not a time${format === 'iso' ? '' : ` in ${format}`}`;
  if (format !== 'iso')
    return { what, remedy: 'write --time-format iso for stamps like 2023-11-16T18:17:03Z' };
  return Number.isNaN(numberOf(value))
    ? { what, remedy: 'write it like 2023-11-16T18:17:03.98Z' }
    : { what: `${what} of a calendar`, remedy: 'say what it counts: --time-format s, ms, us or ns' };
}
