export type CsvValue = string | number | boolean | null | undefined;

/**
 * A table for people as CSV (RFC 4180: CRLF, quotes doubled), its header first; null, undefined and figures that
 * are not finite are empty fields, and no text is a formula ({@link tableField}).
 */
export function csvOf(columns: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  const lines = [columns, ...rows].map((row) => `${row.map(tableField).join(',')}\r\n`);
  return lines.join('');
}

/**
 * A field of a table that people open: as {@link csvField}, but a text that a spreadsheet would run as a formula
 * (names come from files of others) stands behind an apostrophe, which makes it a text there. Quotes around it would
 * not do: a spreadsheet takes them off first. One apostrophe more also before those that a text has there already, so
 * that the text can be told from the field. Never for what perseus reads back, such as traces: there the apostrophe
 * would be part of the name.
 */
export function tableField(value: CsvValue): string {
  const isFormula = typeof value === 'string' && FORMULA.test(value) && !NUMBER.test(value);
  return csvField(isFormula ? `'${value}` : value);
}

/** How formulas begin; https://owasp.org/www-community/attacks/CSV_Injection has the list. */
const FORMULA = /^'*[=+\-@\t\r\n]/;
/** A text that is a number is one to a spreadsheet too. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A field as it must stand in a row: quoted where a comma, quote or what some reader takes for a line end is in it. */
export function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && !Number.isFinite(value)) return '';
  const text = String(value);
  return /[",\r\n\v\f\u0085\u2028\u2029]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
