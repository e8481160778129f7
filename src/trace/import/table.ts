import { InputError, type Place } from '../../base/problem.js';
import { CsvRows, wrongCells } from '../csv-rows.js';
import { quoteValue, type RowProblems } from '../row-problems.js';

/** A row of a source's table, by column. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** The cell of a named column; undefined where the table does not have it. */
  get(column: string): string | undefined;
}

/**
 * Walks through a CSV table with a header. Column names are compared without regard to case and
 * blanks; columns that nobody asks for are let pass.
 *
 * @throws InputError when none of the alternatives has all its columns in the header
 */
export function forEachTableRow(
  text: string,
  alternatives: readonly (readonly string[])[],
  onRow: (row: TableRow) => void,
  problems: RowProblems,
  place: Place,
): void {
  const table = new TableText(alternatives, onRow, problems, place);
  table.push(text);
  table.finish();
}

const RIGHT_KIND = 'check that it is the right kind of file';

/** As {@link forEachTableRow}, of a text that comes piece by piece. */
export class TableText {
  readonly #alternatives: readonly (readonly string[])[];
  readonly #onRow: (row: TableRow) => void;
  readonly #problems: RowProblems;
  readonly #place: Place;
  readonly #remedy: string;
  readonly #rows: CsvRows;
  #header: Map<string, number> | undefined;
  /** After a mistake that nothing can be read behind. */
  #isOver = false;

  constructor(
    alternatives: readonly (readonly string[])[],
    onRow: (row: TableRow) => void,
    problems: RowProblems,
    place: Place,
    { separator, remedy = RIGHT_KIND }: { readonly separator?: string; readonly remedy?: string } = {},
  ) {
    this.#remedy = remedy;
    this.#alternatives = alternatives;
    this.#onRow = onRow;
    this.#problems = problems;
    this.#place = place;
    this.#rows = new CsvRows({ row: (cells, line) => this.#addRow(cells, line) }, place, separator);
  }

  push(text: string): void {
    this.#read(() => this.#rows.push(text));
  }

  /** @throws InputError where there is no header */
  finish(): void {
    this.#read(() => this.#rows.finish());
    if (this.#header !== undefined) return;
    this.#problems.throwIfAny();
    throw missingColumns(this.#alternatives, this.#place, this.#remedy);
  }

  #read(read: () => void): void {
    this.#isOver ||= !this.#problems.gather(read);
  }

  #addRow(cells: readonly string[], line: number): void {
    const header = this.#header;
    if (header !== undefined) this.#problems.rows++;
    if (header === undefined) {
      this.#header = readHeader(cells, this.#alternatives, { ...this.#place, line }, this.#remedy);
    } else if (cells.length === header.size) {
      this.#onRow({ line, cells, get: (column) => cellOf(cells, header.get(normalize(column))) });
    } else {
      this.#problems.add({ line, ...wrongCells(cells, header.size) });
    }
  }
}

function readHeader(
  cells: readonly string[],
  alternatives: readonly (readonly string[])[],
  place: Place,
  remedy: string,
): Map<string, number> {
  // A name that comes twice gets its position as its name, so that every cell counts.
  const header = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const name = normalize(cell);
    header.set(header.has(name) ? `${name}#${index}` : name, index);
  }
  const isComplete = alternatives.some((names) => names.every((name) => header.has(normalize(name))));
  if (!isComplete) throw missingColumns(alternatives, place, remedy, cells);
  return header;
}

function missingColumns(
  alternatives: readonly (readonly string[])[],
  place: Place,
  remedy: string,
  found?: readonly string[],
): InputError {
  const wanted = alternatives.map((names) => names.join(',')).join(' or ');
  return InputError.of(
    `no header with the columns ${wanted}`,
    found === undefined ? remedy : `${remedy}: its first line has ${quoteValue(found.join(','))}`,
    place,
  );
}

function normalize(name: string): string {
  return name.trim().toLowerCase();
}

function cellOf(cells: readonly string[], index: number | undefined): string | undefined {
  return index === undefined ? undefined : cells[index];
}
