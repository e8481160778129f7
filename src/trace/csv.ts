import { csvField } from '../base/csv.js';
import { InputError } from '../base/problem.js';
import {
  gatheringReader,
  placeOf,
  type ReadOptions,
  readWhole,
  type TraceReader,
  TraceRows,
} from './collect.js';
import {
  ARRIVAL_COLUMN,
  FILE_COLUMNS,
  isLikeColumn,
  OPTIONAL_COLUMN_SPECS,
  TENANT_COLUMN,
  unknownColumn,
} from './columns.js';
import { type CsvHandler, CsvRows, wrongCells } from './csv-rows.js';
import { formatNeededMeta, parseMeta } from './meta.js';
import { parseNumber } from './number.js';
import { RowProblems } from './row-problems.js';
import { rowChunks } from './rows.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

/**
 * Reads a trace from CSV: a header with the columns of {@link FILE_COLUMNS} in any order, of which
 * only `arrival_us` must be there, then one row per request. An empty cell has its column's
 * default. What the rows cannot say stands above the header as
 * `# trace {"duration_us": 60000000, "source": "…", "tenants": ["a", "b"]}`; other lines that
 * start with `#` up there are comments.
 *
 * @throws InputError with the line of every problem
 */
export function parseTraceCsv(text: string, options: ReadOptions = {}): Trace {
  return readWhole(text, traceCsvReader(options));
}

/** As {@link parseTraceCsv}, of a text that comes piece by piece. */
export function traceCsvReader(options: ReadOptions = {}): TraceReader {
  const rows = new TraceRows(options);
  const { problems } = rows;
  const place = placeOf(options);
  let columns: Columns | undefined;
  const handler: CsvHandler = {
    comment: (content, line) => {
      const meta = META_LINE.exec(content)?.[1];
      if (meta !== undefined) problems.gather(() => rows.describe(parseMeta(meta, { ...place, line })));
    },
    row: (cells, line) => {
      if (columns === undefined) columns = readHeader(cells, line, options);
      else if (cells.length === columns.count) addRow(cells, line, columns, rows);
      else problems.add({ line, ...wrongCells(cells, columns.count) });
    },
  };
  return gatheringReader(new CsvRows(handler, place), rows, () => {
    if (columns !== undefined) return;
    problems.throwIfAny();
    throw InputError.of('the file has no header', HEADER_REMEDY, place);
  });
}

/**
 * The trace as CSV; {@link parseTraceCsv} gives the same trace back, so that a tenant's name stands as it is, also
 * where a spreadsheet would take it for a formula.
 */
export function formatTraceCsv(trace: Trace): string {
  return [...traceCsvChunks(trace)].join('');
}

/** As {@link formatTraceCsv}, in pieces, since a long trace does not fit into one string. */
export function* traceCsvChunks(trace: Trace): Generator<string> {
  const meta = formatNeededMeta(trace);
  if (meta !== undefined) yield `# trace ${meta}\n`;
  const optional = OPTIONAL_COLUMNS.filter((key) => trace[key] !== undefined);
  const header = [
    ARRIVAL_COLUMN.name,
    TENANT_COLUMN,
    ...optional.map((key) => OPTIONAL_COLUMN_SPECS[key].name),
  ];
  yield `${header.join(',')}\n`;
  const names = trace.tenants.map(csvField);
  const columns = optional.map((key) => trace[key] as ArrayLike<number>);
  yield* rowChunks(trace, (row) => {
    let text = `${trace.arrivalUs[row]},${names[trace.tenant[row] as number]}`;
    for (const column of columns) text += `,${column[row]}`;
    return text;
  });
}

const META_LINE = /^#\s*trace\s*(\{.*)$/s;
const HEADER_REMEDY = `begin with a line of column names, for example "${ARRIVAL_COLUMN.name},${TENANT_COLUMN}"; perseus trace import reads other tables`;

/** Where each column stands in a row. */
interface Columns {
  readonly count: number;
  readonly arrival: number;
  /** -1 where the file has none. */
  readonly tenant: number;
  readonly optional: readonly (readonly [key: OptionalColumn, index: number])[];
}

function readHeader(cells: readonly string[], line: number, options: ReadOptions): Columns {
  const names = cells.map((cell) => cell.trim());
  const problems = new RowProblems({ ...placeOf(options), line });
  const arrival = names.indexOf(ARRIVAL_COLUMN.name);
  // Where no column looks like one of a trace, each by itself says nothing more.
  const isOther = names.every((name) => !isLikeColumn(name));
  for (const [index, name] of isOther ? [] : names.entries()) {
    if (!FILE_COLUMNS.includes(name)) problems.add(unknownColumn(name));
    else if (names.indexOf(name) !== index) problems.add({ path: name, what: 'the column is there twice' });
  }
  if (arrival === -1)
    problems.add({ what: `the column ${ARRIVAL_COLUMN.name} is missing`, remedy: HEADER_REMEDY });
  problems.throwIfAny();
  const optional = OPTIONAL_COLUMNS.map(
    (key) => [key, names.indexOf(OPTIONAL_COLUMN_SPECS[key].name)] as const,
  );
  return {
    count: names.length,
    arrival,
    tenant: names.indexOf(TENANT_COLUMN),
    optional: optional.filter(([, index]) => index !== -1),
  };
}

function addRow(cells: readonly string[], line: number, columns: Columns, rows: TraceRows): void {
  const cell = columns.tenant === -1 ? '' : cells[columns.tenant];
  const tenant = cell === '' ? undefined : cell;
  const arrival = cells[columns.arrival] as string;
  const arrivalUs = parseNumber(arrival);
  rows.add(line, arrivalUs, tenant);
  if (Number.isNaN(arrivalUs)) rows.noteWritten(ARRIVAL_COLUMN.name, arrival);
  for (const [key, index] of columns.optional) {
    const cell = cells[index] as string;
    const value = cell === '' ? OPTIONAL_COLUMN_SPECS[key].default : parseNumber(cell);
    rows.set(key, value);
    if (Number.isNaN(value)) rows.noteWritten(OPTIONAL_COLUMN_SPECS[key].name, cell);
  }
}
