import { InputError, type Place } from '../base/problem.js';
import { buildTrace } from './build.js';
import { placeOf, type ReadOptions } from './collect.js';
import {
  ARRIVAL_COLUMN,
  type ColumnSpec,
  DEFAULT_TENANT,
  FILE_COLUMNS,
  OPTIONAL_COLUMN_SPECS,
  TENANT_COLUMN,
  unknownColumn,
} from './columns.js';
import { parseMeta, type TraceMeta } from './meta.js';
import { quoteValue, RowProblems } from './row-problems.js';
import { OPTIONAL_COLUMNS, type Trace } from './trace.js';

/*
 * What Arrow and Parquet files have in common: a schema of named columns, numbers that may be 64-bit
 * integers, values that may be missing.
 */

/** Under this key of a file's metadata stand the facts on the whole trace, as JSON. */
export const META_KEY = 'perseus.trace';

/**
 * Checks the names of a file's columns. Names that begin with two underscores are let pass: pandas
 * writes its index so.
 *
 * @throws InputError on a column that no trace has, and without `arrival_us`
 */
export function checkColumnNames(names: readonly string[], place: Place): void {
  const problems = new RowProblems(place);
  for (const name of names) {
    if (!FILE_COLUMNS.includes(name) && !name.startsWith('__')) problems.add(unknownColumn(name));
  }
  if (!names.includes(ARRIVAL_COLUMN.name)) {
    problems.add({ what: `the column ${ARRIVAL_COLUMN.name} is missing` });
  }
  problems.throwIfAny();
}

/**
 * The values as numbers: 64-bit integers are converted, a missing value becomes the column's
 * default (the arrival has none). Ranges are checked later, by `buildTrace`.
 *
 * @throws InputError on values of another type
 */
export function toNumbers(values: ArrayLike<unknown>, spec: ColumnSpec, place: Place): Float64Array {
  const numbers = new Float64Array(values.length);
  const problems = new RowProblems(place);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? spec.default;
    if (typeof value === 'number' || typeof value === 'bigint') numbers[row] = Number(value);
    else problems.add({ path: `${spec.name}[${row}]`, what: `${quoteValue(value)} is not ${spec.meaning}` });
  }
  problems.throwIfAny();
  return numbers;
}

/**
 * Tenant names as indices. Tenants are numbered as in `known`, then in the order in which they
 * appear.
 *
 * @throws InputError on a value that is not a text
 */
export function indexTenants(
  names: ArrayLike<unknown>,
  known: readonly string[],
  place: Place,
): Pick<Trace, 'tenants' | 'tenant'> {
  const indexOf = new Map(known.map((name, index) => [name, index]));
  const tenant = new Uint16Array(names.length);
  const problems = new RowProblems(place);
  for (let row = 0; row < names.length; row++) {
    const name = names[row];
    if (typeof name !== 'string') {
      problems.add({ path: `${TENANT_COLUMN}[${row}]`, what: `${quoteValue(name)} is not a name` });
      continue;
    }
    const index = indexOf.get(name) ?? indexOf.size;
    if (index === indexOf.size) indexOf.set(name, index);
    tenant[row] = index;
  }
  problems.throwIfAny();
  return { tenants: [...indexOf.keys()], tenant };
}

/** What a format gives of a table's columns. */
interface TableColumns {
  /** What stands under {@link META_KEY}; undefined where nothing does. */
  readonly meta: string | undefined;
  /** Undefined for a column that is not there. */
  readonly numbersOf: (spec: ColumnSpec) => ArrayLike<number> | undefined;
  readonly tenantsOf: (known: readonly string[]) => Pick<Trace, 'tenants' | 'tenant'> | undefined;
}

/** @throws InputError where the columns are no trace */
export function traceOfColumns(
  { meta, numbersOf, tenantsOf }: TableColumns,
  { tenant = DEFAULT_TENANT, ...options }: ReadOptions,
): Trace {
  const place = placeOf(options);
  const { tenants = [], durationUs, source }: TraceMeta = meta === undefined ? {} : parseMeta(meta, place);
  const optional = OPTIONAL_COLUMNS.map((key) => [key, numbersOf(OPTIONAL_COLUMN_SPECS[key])]);
  return buildTrace(
    {
      ...Object.fromEntries(optional),
      arrivalUs: numbersOf(ARRIVAL_COLUMN) ?? [],
      ...(tenantsOf(tenants) ?? { tenants: tenants.length === 0 ? [tenant] : tenants }),
      durationUs,
      source,
    },
    { place, sort: options.sort },
  );
}

/** The file is not what its name says, or is broken. */
export function unreadable(format: string, error: unknown, place: Place): InputError {
  if (error instanceof InputError)
    return new InputError(error.problems.map((problem) => ({ ...place, ...problem })));
  const reason = error instanceof Error ? error.message : String(error);
  return InputError.of(
    `the file cannot be read as ${format} (${reason})`,
    'check that it is complete, or write it again',
    place,
  );
}
