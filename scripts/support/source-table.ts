import { existsSync, readFileSync } from 'node:fs';
import { groupBy } from '../../src/base/group-by.js';
import { ProblemList } from '../../src/base/problem.js';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';

/** A row of a table of others: the text of each cell by column name. */
export type Row = Readonly<Record<string, string>>;

/** @throws InputError where the file is not there, or has rows that are longer or shorter than its head */
export function readTable(file: string): readonly Row[] {
  const problems = new ProblemList();
  const rows = readRows(file, problems);
  problems.throwIfAny();
  return rows;
}

/** The rows of a table that are sound; what is wrong with the others is added to `problems`. */
export function readRows(
  file: string,
  problems: ProblemList,
  wrongIn: (row: Row) => string | undefined = () => undefined,
): readonly Row[] {
  if (!existsSync(file)) {
    problems.add({ file, what: 'there is no such file', remedy: 'name the folder with --data FOLDER' });
    return [];
  }
  const rows: Row[] = [];
  let names: readonly string[] | undefined;
  const row = (cells: string[], line: number) => {
    if (names === undefined) {
      names = cells.map((name) => name.trim());
      return;
    }
    const read = Object.fromEntries(names.map((name, i) => [name, cells[i]?.trim() ?? '']));
    const isWhole = cells.length === names.length;
    const what = isWhole ? wrongIn(read) : `${cells.length} cells where the head has ${names.length}`;
    if (what === undefined) rows.push(read);
    else problems.add({ file, line, what, remedy: 'correct or leave out the row' });
  };
  forEachCsvRow(readFileSync(file, 'utf8'), { row }, { file });
  return rows;
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
