import { plural } from '../../base/plural.js';
import { InputError, type Place } from '../../base/problem.js';
import { forEachCsvRow } from '../csv-rows.js';
import type { RowProblems } from '../row-problems.js';

/** A row of a source's table, by column. */
export interface TableRow {
  readonly line: number;
  /** The cells, by position. */
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
  let header: Map<string, number> | undefined;
  const row = (cells: string[], line: number) => {
    if (header === undefined) {
      header = readHeader(cells, alternatives, { ...place, line });
    } else if (cells.length === header.size) {
      const columns = header;
      onRow({ line, cells, get: (column) => cellOf(cells, columns.get(normalize(column))) });
    } else {
      problems.add({
        line,
        what: `${cells.length} ${plural(cells.length, 'cell')} where the header has ${header.size}`,
      });
    }
  };
  problems.gather(() => forEachCsvRow(text, { row }, place));
  if (header !== undefined) return;
  problems.throwIfAny();
  throw missingColumns(alternatives, place);
}

function readHeader(
  cells: readonly string[],
  alternatives: readonly (readonly string[])[],
  place: Place,
): Map<string, number> {
  // A name that comes twice gets its position as its name, so that every cell counts.
  const header = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const name = normalize(cell);
    header.set(header.has(name) ? `${name}#${index}` : name, index);
  }
  const isComplete = alternatives.some((names) => names.every((name) => header.has(normalize(name))));
  if (!isComplete) throw missingColumns(alternatives, place);
  return header;
}

function missingColumns(alternatives: readonly (readonly string[])[], place: Place): InputError {
  const wanted = alternatives.map((names) => names.join(',')).join(' or ');
  return InputError.of(
    `no header with the columns ${wanted}`,
    'check that it is the right kind of file',
    place,
  );
}

function normalize(name: string): string {
  return name.trim().toLowerCase();
}

function cellOf(cells: readonly string[], index: number | undefined): string | undefined {
  return index === undefined ? undefined : cells[index];
}
