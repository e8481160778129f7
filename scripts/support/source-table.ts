import { existsSync, readFileSync } from 'node:fs';
import { groupBy } from '../../src/base/group-by.js';
import { ProblemList } from '../../src/base/problem.js';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';

/** A row of a table of others: the text of each cell by column name. */
export type Row = Readonly<Record<string, string>>;

/** Tells what is wrong in a row, and in which column. */
type Wrong = (what: string, path?: string) => void;

/** @throws InputError where the file is not there, or has rows that are longer or shorter than its head */
export function readTable(file: string): readonly Row[] {
  const problems = new ProblemList();
  const rows = readRows(file, problems);
  problems.throwIfAny();
  return rows;
}

/** The rows of a table that are sound and have the columns that are needed; what is wrong is added to `problems`. */
export function readRows(
  file: string,
  problems: ProblemList,
  check: (row: Row, wrong: Wrong) => void = () => {},
  needed: readonly string[] = [],
): readonly Row[] {
  if (!existsSync(file)) {
    problems.add({ file, what: 'there is no such file', remedy: 'name another one with --data' });
    return [];
  }
  const rows: Row[] = [];
  let names: readonly string[] | undefined;
  // Told once, of the head: no row is wrong for it.
  let missing: readonly string[] = [];
  const row = (cells: string[], line: number) => {
    const add = (what: string, remedy: string, path?: string) =>
      problems.add({ file, line, ...(path !== undefined && { path }), what, remedy });
    if (names === undefined) {
      names = cells.map((name) => name.trim());
      missing = needed.filter((name) => !names!.includes(name));
      for (const name of missing) add('there is no such column', 'add it to the head', name);
      return;
    }
    const before = problems.problems.length;
    const read = Object.fromEntries(names.map((name, i) => [name, cells[i]?.trim() ?? '']));
    if (cells.length !== names.length)
      add(`${cells.length} cells where the head has ${names.length}`, 'correct or leave out the row');
    else
      check(read, (what, path) => {
        if (!missing.includes(path ?? '')) add(what, 'correct the cell, or leave out the row', path);
      });
    if (problems.problems.length === before) rows.push(read);
  };
  forEachCsvRow(readFileSync(file, 'utf8'), { row }, { file });
  return rows;
}

/** What the cells of a column hold. */
export interface Cell<Value> {
  /** Undefined where the text is something else. */
  readonly read: (text: string) => Value | undefined;
  /** What belongs there, in words. */
  readonly wanted: string;
  /** What an empty cell stands for; absent = none may be empty. */
  readonly empty?: { readonly value: Value };
  /** Whether the table may have no such column. */
  readonly mayLack?: boolean;
}

/** A row as the cells of its columns say. */
export type RowOf<Columns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends Cell<infer Value> ? Value : never;
};

function numberCell(wanted: string, isWanted: (value: number) => boolean): Cell<number> {
  const read = (text: string) =>
    Number.isFinite(Number(text)) && isWanted(Number(text)) ? Number(text) : undefined;
  return { read, wanted };
}

export const TEXT: Cell<string> = { read: (text) => text, wanted: 'a text' };
export const NUMBER = numberCell('a number', () => true);
export const POSITIVE = numberCell('a number above 0', (value) => value > 0);
export const NOT_NEGATIVE = numberCell('a number of 0 or more', (value) => value >= 0);
export const WHOLE = numberCell('a whole number above 0', (value) => value > 0 && Number.isInteger(value));

/** One of these words. */
export function oneOf<Value>(words: Readonly<Record<string, Value>>): Cell<Value> {
  return {
    read: (text) => (Object.hasOwn(words, text) ? words[text] : undefined),
    wanted: `one of ${Object.keys(words).join(', ')}`,
  };
}

/** The same, where an empty cell stands for `value`. */
export function orElse<Value, Empty>(cell: Cell<Value>, value: Empty): Cell<Value | Empty> {
  return { ...cell, empty: { value } };
}

export function optional<Value>(cell: Cell<Value>): Cell<Value | undefined> {
  return orElse(cell, undefined);
}

/** Of a column that need not be there. */
export function mayLack<Value>(cell: Cell<Value>): Cell<Value | undefined> {
  return { ...optional(cell), mayLack: true };
}

/**
 * The rows of a table with these columns.
 * @param check what no cell by itself tells
 * @throws InputError with every line and column that cannot be used, and where there are no rows
 */
export function readRowsOf<Columns extends Readonly<Record<string, Cell<unknown>>>>(
  file: string,
  columns: Columns,
  check: (row: RowOf<Columns>, wrong: Wrong) => void = () => {},
): readonly RowOf<Columns>[] {
  const problems = new ProblemList();
  const found: RowOf<Columns>[] = [];
  const checkCells = (row: Row, wrong: Wrong) => {
    const values = Object.entries(columns).map(([name, { read, wanted, empty }]) => {
      const text = row[name] ?? '';
      if (text === '' && empty !== undefined) return [name, empty.value];
      const value = text === '' ? undefined : read(text);
      if (value === undefined) wrong(text === '' ? 'is empty' : `is "${text}"; ${wanted} belongs here`, name);
      return [name, value];
    });
    const value = Object.fromEntries(values) as RowOf<Columns>;
    check(value, wrong);
    found.push(value);
  };
  const needed = Object.keys(columns).filter((name) => columns[name]!.mayLack !== true);
  readRows(file, problems, checkCells, needed);
  if (found.length === 0 && problems.problems.length === 0)
    problems.add({ file, what: 'holds no row', remedy: 'write rows below the head' });
  problems.throwIfAny();
  return found;
}

/** The number in a cell; undefined for an empty one. */
export function numberIn(row: Row, column: string): number | undefined {
  const cell = row[column];
  if (cell === undefined || cell === '') return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new Error(`${column}: "${cell}" is not a number`);
  return value;
}

/** Rows by the text of some columns, groups and rows in the order of the file. */
export function groupRows(rows: readonly Row[], columns: readonly string[]): readonly (readonly Row[])[] {
  return [...groupBy(rows, (row) => JSON.stringify(columns.map((column) => row[column]))).values()];
}

/** Several tables of one set-up (other input data), told apart by where a column that rises begins anew. */
export function splitTables(rows: readonly Row[], column: string): readonly (readonly Row[])[] {
  const tables: Row[][] = [];
  for (const row of rows) {
    const last = tables.at(-1);
    const before = last?.at(-1);
    if (before !== undefined && numberIn(row, column)! > numberIn(before, column)!) last!.push(row);
    else tables.push([row]);
  }
  return tables;
}

/** Rounded to four decimals: a tenth of a microsecond in milliseconds, below what any source resolves. */
export function round4(value: number): number {
  return Number(value.toFixed(4));
}
