/** What stands in a field of a CSV file. */
export type CsvValue = string | number | boolean | null | undefined;

/**
 * A table as CSV (RFC 4180: CRLF, quotes doubled), its header first; null, undefined and figures that are
 * not finite are empty fields.
 */
export function csvOf(columns: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  const lines = [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`);
  return lines.join('');
}

/** A field as it must stand in a row: quoted where a comma, quote or line end is in it. */
export function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && !Number.isFinite(value)) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
