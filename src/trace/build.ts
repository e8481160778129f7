import { plural } from '../base/plural.js';
import type { Place } from '../base/problem.js';
import {
  ARRIVAL_COLUMN,
  type ColumnSpec,
  DEFAULT_TENANT,
  isAllowed,
  MAX_TENANTS,
  OPTIONAL_COLUMN_SPECS,
} from './columns.js';
import { orderByArrival } from './order.js';
import { quoteValue, RowProblems } from './row-problems.js';
import { takeRows } from './rows.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

/** Columns that are not checked yet. Typed arrays of the right kind are kept, not copied. */
export interface TraceColumns
  extends Readonly<Partial<Record<OptionalColumn, ArrayLike<number> | undefined>>> {
  readonly arrivalUs: ArrayLike<number>;
  /** Default: one tenant, named `default`. */
  readonly tenants?: readonly string[] | undefined;
  /** Indices into `tenants`. Default: all rows belong to the first one. */
  readonly tenant?: ArrayLike<number> | undefined;
  /** Default: the last arrival. */
  readonly durationUs?: number | undefined;
  readonly source?: string | undefined;
}

export interface BuildOptions {
  /** Sort rows by arrival, keeping the order of equal ones. Default: unsorted rows are a problem. */
  readonly sort?: boolean | undefined;
  /** Where the columns come from, for messages. */
  readonly place?: Place | undefined;
  /** What was found wrong while the columns were read, to be told with what is found here. */
  readonly problems?: RowProblems | undefined;
  /** Line of each row in its file, for messages. */
  readonly lineOf?: ((row: number) => number) | undefined;
  /** What stands in the file where a value is no number, for messages; undefined where it is not known. */
  readonly written?: ((row: number, column: string) => { readonly value: unknown } | undefined) | undefined;
}

/**
 * A trace from columns, checked: every value in its range, all columns of one length, rows in
 * order of arrival (or sorted on request), tenants known and named apart.
 *
 * @throws InputError with every problem found (the first twenty rows, the rest counted)
 */
export function buildTrace(columns: TraceColumns, options: BuildOptions = {}): Trace {
  const problems = options.problems ?? new RowProblems(options.place);
  const before = problems.count;
  problems.rows ||= columns.arrivalUs.length;
  const notes: RowNotes = { placeOf: rowPlace(options.lineOf), written: options.written };
  const tenants = columns.tenants ?? [DEFAULT_TENANT];
  checkTenants(tenants, problems);
  checkLengths(columns, problems);
  checkColumn(ARRIVAL_COLUMN, columns.arrivalUs, notes, problems);
  checkTenantIndices(columns, tenants.length, notes, problems);
  for (const key of OPTIONAL_COLUMNS) {
    checkColumn(OPTIONAL_COLUMN_SPECS[key], columns[key] ?? [], notes, problems);
  }
  // Of wrong values there is no order.
  if (problems.count > before) problems.throwIfAny();
  const backwards = firstBackwardsRow(columns.arrivalUs);
  if (backwards !== -1 && options.sort !== true) {
    addBackwardsRow(columns.arrivalUs, backwards, notes, problems);
  }
  const lastUs = lastArrival(columns.arrivalUs, backwards);
  checkDuration(columns.durationUs, lastUs, problems);
  problems.throwIfAny();
  const trace = toTrace(columns, tenants, columns.durationUs ?? lastUs);
  return backwards === -1 ? trace : sortByArrival(trace);
}

/** The same rows in order of arrival; rows of the same microsecond keep their order. */
export function sortByArrival(trace: Trace): Trace {
  return takeRows(trace, orderByArrival(trace.arrivalUs));
}

/** @throws InputError with the names that a trace could not be read again with */
export function requireTenantNames(tenants: readonly string[]): void {
  const problems = new RowProblems();
  checkTenants(tenants, problems);
  problems.throwIfAny();
}

type RowPlace = (row: number, column: string) => Place;

/** What messages say of a row. */
interface RowNotes {
  readonly placeOf: RowPlace;
  readonly written: BuildOptions['written'];
}

function rowPlace(lineOf: BuildOptions['lineOf']): RowPlace {
  if (lineOf === undefined) return (row, column) => ({ path: `${column}[${row}]` });
  return (row, column) => ({ line: lineOf(row), path: column });
}

function checkTenants(tenants: readonly string[], problems: RowProblems): void {
  if (tenants.length > MAX_TENANTS) {
    problems.add({
      what: `${tenants.length} tenants are more than the ${MAX_TENANTS} that a trace can hold`,
      remedy: 'map the sources onto fewer tenants',
    });
  }
  const seen = new Set<string>();
  for (const [index, name] of tenants.entries()) {
    const what = tenantNameProblem(name, seen);
    if (what !== undefined) problems.add({ path: `tenants[${index}]`, what });
    seen.add(name);
  }
}

function tenantNameProblem(name: unknown, seen: ReadonlySet<string>): string | undefined {
  if (typeof name !== 'string') return `${quoteValue(name)} is not a name`;
  if (name === '') return 'a tenant has an empty name';
  // Readers of UTF-8 drop a byte order mark.
  if (name.startsWith('\ufeff')) return `the name ${quoteValue(name)} begins with a byte order mark`;
  if (/\p{Surrogate}/u.test(name)) return `the name ${quoteValue(name)} is not valid Unicode`;
  return seen.has(name) ? `the tenant ${quoteValue(name)} is named twice` : undefined;
}

function checkLengths(columns: TraceColumns, problems: RowProblems): void {
  const expected = columns.arrivalUs.length;
  const named: [string, ArrayLike<number> | undefined][] = [
    ['tenant', columns.tenant],
    ...OPTIONAL_COLUMNS.map((key): [string, ArrayLike<number> | undefined] => [
      OPTIONAL_COLUMN_SPECS[key].name,
      columns[key],
    ]),
  ];
  for (const [name, values] of named) {
    if (values === undefined || values.length === expected) continue;
    problems.add({
      path: name,
      what: `has ${values.length} ${plural(values.length, 'row')} where arrival_us has ${expected}`,
    });
  }
}

function checkColumn(
  spec: ColumnSpec,
  values: ArrayLike<number>,
  { placeOf, written }: RowNotes,
  problems: RowProblems,
): void {
  for (let row = 0; row < values.length; row++) {
    if (isAllowed(spec, values[row] as number)) continue;
    const { value } = written?.(row, spec.name) ?? { value: values[row] };
    if (value === undefined) {
      problems.add({ ...placeOf(row, spec.name), what: 'is missing', remedy: `write ${spec.meaning}` });
      continue;
    }
    problems.add({ ...placeOf(row, spec.name), what: `${quoteValue(value)} is not ${spec.meaning}` });
  }
}

function checkTenantIndices(
  columns: TraceColumns,
  tenants: number,
  notes: RowNotes,
  problems: RowProblems,
): void {
  if (columns.tenant === undefined) {
    if (tenants === 0 && columns.arrivalUs.length > 0) problems.add({ path: 'tenants', what: 'is empty' });
    return;
  }
  const meaning = `the index of one of ${tenants} tenants`;
  const spec = { ...ARRIVAL_COLUMN, name: 'tenant', meaning, max: tenants - 1 };
  checkColumn(spec, columns.tenant, notes, problems);
}

function firstBackwardsRow(arrivalUs: ArrayLike<number>): number {
  for (let row = 1; row < arrivalUs.length; row++) {
    if ((arrivalUs[row] as number) < (arrivalUs[row - 1] as number)) return row;
  }
  return -1;
}

function addBackwardsRow(
  arrivalUs: ArrayLike<number>,
  row: number,
  { placeOf }: RowNotes,
  problems: RowProblems,
): void {
  problems.add({
    ...placeOf(row, ARRIVAL_COLUMN.name),
    what: `${arrivalUs[row]} comes after ${arrivalUs[row - 1]}: rows must be in order of arrival`,
    remedy: 'sort the rows, as perseus trace convert --sort does',
  });
}

function lastArrival(arrivalUs: ArrayLike<number>, backwards: number): number {
  if (arrivalUs.length === 0) return 0;
  if (backwards === -1) return arrivalUs[arrivalUs.length - 1] as number;
  let last = 0;
  for (let row = 0; row < arrivalUs.length; row++) last = Math.max(last, arrivalUs[row] as number);
  return last;
}

function checkDuration(durationUs: number | undefined, lastUs: number, problems: RowProblems): void {
  if (durationUs === undefined) return;
  const path = 'duration_us';
  if (!isAllowed(ARRIVAL_COLUMN, durationUs)) {
    problems.add({ path, what: `${quoteValue(durationUs)} is not a whole number of microseconds` });
  } else if (durationUs < lastUs) {
    problems.add({
      path,
      what: `${durationUs} is before the last arrival at ${lastUs}`,
      remedy: 'give at least the last arrival, or leave it out',
    });
  }
}

function toTrace(columns: TraceColumns, tenants: readonly string[], durationUs: number): Trace {
  const optional = Object.fromEntries(
    OPTIONAL_COLUMNS.flatMap((key) => {
      const values = columns[key];
      return values === undefined ? [] : [[key, toColumn(OPTIONAL_COLUMN_SPECS[key], values)]];
    }),
  );
  const { tenant, source } = columns;
  return {
    tenants: [...tenants],
    arrivalUs: toColumn(ARRIVAL_COLUMN, columns.arrivalUs) as Float64Array,
    tenant: tenant instanceof Uint16Array ? tenant : toTenantColumn(tenant, columns.arrivalUs.length),
    ...optional,
    durationUs,
    ...(source === undefined ? {} : { source }),
  };
}

function toColumn(spec: ColumnSpec, values: ArrayLike<number>) {
  const isRightKind = values.constructor === spec.create(0).constructor;
  return isRightKind ? values : spec.create(values);
}

function toTenantColumn(tenant: ArrayLike<number> | undefined, length: number): Uint16Array {
  return tenant === undefined ? new Uint16Array(length) : new Uint16Array(tenant);
}
