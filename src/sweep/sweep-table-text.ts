import { csvOf } from '../base/csv.js';
import { type SweepTable, tableLength } from './sweep-table.js';

/** The table as CSV; what is not known is an empty field. */
export function sweepTableToCsv(table: SweepTable): string {
  const rows = Array.from({ length: tableLength(table) }, (_, row) =>
    table.columns.map(({ cells }) => cells[row]!),
  );
  return csvOf(
    table.columns.map(({ name }) => name),
    rows,
  );
}
