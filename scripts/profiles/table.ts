import { readFileSync } from 'node:fs';
import { groupBy } from '../../src/base/group-by.js';

/** A row of a table: the text of each cell by column name. */
export type Row = Readonly<Record<string, string>>;

/** Rows of a comma-separated file whose cells hold neither commas nor quotes. */
export function readTable(file: string): readonly Row[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line, i) => {
    const cells = line.split(',');
    if (cells.length !== names.length)
      throw new Error(`${file}:${i + 2}: ${cells.length} cells, not ${names.length}`);
    return Object.fromEntries(names.map((name, column) => [name, cells[column]!.trim()]));
  });
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

/** Rounded to four decimals: a tenth of a microsecond in milliseconds, below what any source resolves. */
export function round4(value: number): number {
  return Number(value.toFixed(4));
}
