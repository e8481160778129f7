/** How a cell should strike the reader. */
export type Tone = 'plain' | 'good' | 'bad' | 'quiet';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  /** Where a page links it to. */
  readonly href?: string;
}

export interface Column {
  /** Name with its unit. */
  readonly header: string;
  readonly align: 'left' | 'right';
  /** Where space is short, columns with the highest rank are left out first; without one it stays. */
  readonly dropRank?: number;
  /** Where space is short, a text goes on in the next line rather than that it is cut. */
  readonly wraps?: boolean;
}

/** A table as plain data: every format for people renders the same one. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences to stand below it. */
  readonly notes: readonly string[];
}

/** A column together with how it gets its cell from a row. Numbers (align right) are the default. */
export interface ColumnOf<Row> extends Omit<Column, 'align'> {
  readonly align?: Column['align'];
  readonly cell: (row: Row) => string | Cell;
}

/** Builds a table from rows of any kind. */
export function tableOf<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly ColumnOf<Row>[],
  notes: readonly string[] = [],
): Table {
  return {
    title,
    columns: columns.map(({ cell: _, align = 'right', ...column }) => ({ ...column, align })),
    rows: rows.map((row) => columns.map(({ cell }) => asCell(cell(row)))),
    notes,
  };
}

function asCell(cell: string | Cell): Cell {
  return typeof cell === 'string' ? { text: cell } : cell;
}
