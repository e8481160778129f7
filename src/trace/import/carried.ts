import { isAllowed, OPTIONAL_COLUMN_SPECS } from '../columns.js';
import { parseNumber } from '../number.js';
import { quoteValue, type RowProblems } from '../row-problems.js';
import type { OptionalColumn } from '../trace.js';
import type { Carried } from './arrivals.js';

/** A column of a source, and what of a request stands in it. */
export interface CarrierColumn {
  readonly key: OptionalColumn;
  readonly column: string;
}

/** Reads what a row says of its request; an empty cell, or none, is as the tenant says. Undefined where no column says anything. */
export function carriedReader(carriers: readonly CarrierColumn[], problems: RowProblems) {
  return (line: number, get: (column: string) => unknown): Carried | undefined => {
    if (carriers.length === 0) return undefined;
    const values = carriers.map(({ key, column }) => {
      const cell = get(column) ?? '';
      const value = String(cell).trim() === '' ? 0 : numberOf(cell);
      const spec = OPTIONAL_COLUMN_SPECS[key];
      if (isAllowed(spec, value)) return [key, value] as const;
      problems.add({ line, path: column, what: `${quoteValue(cell)} is not ${spec.meaning}` });
      return [key, 0] as const;
    });
    return Object.fromEntries(values);
  };
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : parseNumber(String(value ?? ''));
}
