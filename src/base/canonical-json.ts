import { roundNumber, SIGNIFICANT_DIGITS } from './round-number.js';

/** Any value made of plain objects, arrays, strings, numbers, booleans; undefined members are left out. */
type Plain = unknown;

/**
 * The one way we write a value as JSON: keys in code-unit order, `first` keys before them; fractions
 * rounded to {@link SIGNIFICANT_DIGITS}, integers in full; NaN, Infinity and undefined as null; a
 * list or object without members of its own kind on one line, others indented by two spaces; a
 * newline at the end. Equal values give equal bytes.
 */
export function canonicalJson(value: Plain, first: readonly string[] = []): string {
  return `${write(value, '', first)}\n`;
}

function write(value: Plain, indent: string, first: readonly string[] = []): string {
  if (value === null || typeof value !== 'object') return writeScalar(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = Array.from(value as readonly Plain[], (item) => write(item, inner));
    return enclose('[', items, ']', indent, value.some(isNested));
  }
  const members = sortedEntries(value, first);
  const lines = members.map(([key, member]) => `${JSON.stringify(key)}: ${write(member, inner)}`);
  return enclose(
    '{',
    lines,
    '}',
    indent,
    members.some(([, member]) => isNested(member)),
  );
}

function enclose(
  open: string,
  parts: readonly string[],
  close: string,
  indent: string,
  nested: boolean,
): string {
  if (!nested) return `${open}${parts.join(', ')}${close}`;
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}${close}`;
}

function isNested(value: Plain): boolean {
  return typeof value === 'object' && value !== null;
}

function sortedEntries(value: object, first: readonly string[]): [string, Plain][] {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : first.length);
  return entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function writeScalar(value: Plain): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(roundNumber(value)) : 'null';
  return JSON.stringify(value) ?? 'null';
}
