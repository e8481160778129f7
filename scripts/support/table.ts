import { csvField } from '../../src/base/csv.js';
import { pad, widthOf } from '../../src/report/text/width.js';

/** Rows of text cells below a head. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Cell = string | number | boolean | null | undefined;

/** The head of a column, and its cell in a row; nothing stands for null and undefined. */
export type Column<Row> = readonly [head: string, cell: (row: Row) => Cell];

/** Columns that are called like the fields in them. */
export function fields<Name extends string>(
  ...names: readonly Name[]
): Column<Readonly<Record<Name, Cell>>>[] {
  return names.map((name) => [name, (row) => row[name]]);
}

export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  numberText: (value: number) => number | string = String,
): Table {
  const text = (cell: Cell) => String((typeof cell === 'number' ? numberText(cell) : cell) ?? '');
  return {
    head: columns.map(([head]) => head),
    rows: rows.map((row) => columns.map(([, cell]) => text(cell(row)))),
  };
}

/** For a page; a bar inside a cell would end it. */
export function markdownTable({ head, rows }: Table, rule = '---'): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '/')).join(' | ')} |`;
  return [line(head), `|${head.map(() => rule).join('|')}|`, ...rows.map(line)].join('\n');
}

/** The same of rows. */
export function pageTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], rule?: string): string {
  return markdownTable(tableOf(rows, columns), rule);
}

/** Columns aligned for a terminal. */
export function terminalTable({ head, rows }: Table): string {
  const widths = head.map((name, i) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[i]!))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i]!, 'left'))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function csvText({ head, rows }: Table): string {
  return [head, ...rows].map((cells) => `${cells.map(csvField).join(',')}\n`).join('');
}

/** Fields of rows as they are called. */
export function fieldsCsv<Field extends string, Row extends Readonly<Record<Field, Cell>>>(
  rows: readonly Row[],
  names: readonly Field[],
  numberText?: (value: number) => number | string,
): string {
  return csvText(tableOf<Row>(rows, fields(...names), numberText));
}

/** A measured or predicted number, to as many digits as tell something. */
export function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}

/** With a plus where it is not negative. */
export function signed(value: number, digits = 1): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}
