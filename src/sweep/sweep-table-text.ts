import type { Cell } from './row.js';
import { type SweepTable, tableLength } from './sweep-table.js';

/** The table as CSV (RFC 4180: CRLF, quotes doubled); what is not known is an empty field. */
export function sweepTableToCsv(table: SweepTable): string {
  const lines = [table.columns.map(({ name }) => csvField(name))];
  for (let row = 0; row < tableLength(table); row++) {
    lines.push(table.columns.map(({ cells }) => csvField(cells[row]!)));
  }
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function csvField(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
