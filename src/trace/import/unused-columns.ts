import { parsedJson } from '../../base/json.js';
import { plural } from '../../base/plural.js';
import { printable } from '../../base/printable.js';
import { shellWord } from '../../base/shell-word.js';
import { forEachCsvRow, separatorOf } from '../csv-rows.js';

/** Words for those whose requests somebody tells apart. */
const WHOSE = new Set(
  'tenant model service workload endpoint client user customer account organization organisation org team project namespace owner app application func function deployment'.split(
    ' ',
  ),
);

/** Whether a column or label says whose a request is, by a word of its name: `tenant_id`, `ModelName`, `HashOwner`. */
function tellsWhose(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[^A-Za-z]+/);
  return words.some((word) => WHOSE.has(word.toLowerCase().replace(/s$/, '')));
}

/**
 * What must be said of a table's columns that tell whose a request is, and that make no tenants.
 * @param tenantColumns those that do
 */
export function notesOnUnusedColumns(text: string, tenantColumns: readonly string[]): string[] {
  const known = new Set(tenantColumns.map((name) => name.toLowerCase()));
  const unused = headerOf(text).filter((name) => tellsWhose(name) && !known.has(name.toLowerCase()));
  if (unused.length === 0) return [];
  const names = unused.map((name) => `"${printable(name)}"`).join(', ');
  const [column, is] = [plural(unused.length, 'column'), unused.length === 1 ? 'is' : 'are'];
  const remedy =
    tenantColumns.length === 0
      ? `to keep its tenants apart, import it with --from table and --tenant-column ${shellWord(unused[0]!)}`
      : `to keep its tenants apart, write them into ${tenantColumns.join(', ')}, which make the tenants`;
  return [`the ${column} ${names} ${is} not used; ${remedy}`];
}

/**
 * The cells of the first line that is not blank, or the keys of its object; none where a cell goes on in the next line, as
 * in no header that is known.
 */
function headerOf(text: string): string[] {
  const [first = ''] = text.trimStart().split('\n', 1);
  if (first.startsWith('{')) return Object.keys(parsedJson(first) ?? {});
  if (first.split('"').length % 2 === 0) return [];
  let header: string[] = [];
  const row = (cells: string[]) => {
    header = cells.map((cell) => cell.trim());
  };
  forEachCsvRow(first, { row }, {}, separatorOf(first));
  return header;
}
