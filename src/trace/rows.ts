import { InputError } from '../base/problem.js';
import { MAX_TENANTS, OPTIONAL_COLUMN_SPECS } from './columns.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace, traceLength } from './trace.js';

const ROWS_PER_CHUNK = 65_536;

/** Lines of all rows, many at a time, since those of a long trace do not fit into one string. */
export function* rowChunks(trace: Trace, lineOf: (row: number) => string): Generator<string> {
  for (let row = 0; row < traceLength(trace); ) {
    let text = '';
    for (const to = Math.min(traceLength(trace), row + ROWS_PER_CHUNK); row < to; row++)
      text += `${lineOf(row)}\n`;
    yield text;
  }
}

/**
 * The given rows of a trace, in the given order; tenants, duration and source stay. The caller
 * answers for the order of arrival.
 */
export function takeRows(trace: Trace, rows: Uint32Array): Trace {
  const optional = Object.fromEntries(
    OPTIONAL_COLUMNS.flatMap((key) => {
      const values = trace[key];
      return values === undefined ? [] : [[key, take(values, rows)]];
    }),
  );
  return {
    ...trace,
    arrivalUs: take(trace.arrivalUs, rows),
    tenant: take(trace.tenant, rows),
    ...optional,
  };
}

export function filterRows(trace: Trace, keep: (row: number) => boolean): Trace {
  const length = traceLength(trace);
  const rows = new Uint32Array(length);
  let kept = 0;
  for (let row = 0; row < length; row++) {
    if (keep(row)) rows[kept++] = row;
  }
  return kept === length ? trace : takeRows(trace, rows.subarray(0, kept));
}

/**
 * The rows of several traces one below the other; tenants are joined by name.
 *
 * @throws InputError when there are more tenants than a trace can hold
 */
export function stackRows(traces: readonly Trace[]): Omit<Trace, 'durationUs' | 'source'> {
  const tenants = [...new Set(traces.flatMap((trace) => trace.tenants))];
  if (tenants.length > MAX_TENANTS) {
    throw InputError.of(
      `together the traces have ${tenants.length} tenants, more than the ${MAX_TENANTS} that a trace can hold`,
      'map the sources of each onto fewer tenants first',
    );
  }
  const length = traces.reduce((sum, trace) => sum + traceLength(trace), 0);
  const indexOf = new Map(tenants.map((name, index) => [name, index]));
  const arrivalUs = new Float64Array(length);
  const tenant = new Uint16Array(length);
  let start = 0;
  for (const trace of traces) {
    const joined = trace.tenants.map((name) => indexOf.get(name) as number);
    arrivalUs.set(trace.arrivalUs, start);
    for (let row = 0; row < traceLength(trace); row++) {
      tenant[start + row] = joined[trace.tenant[row] as number] as number;
    }
    start += traceLength(trace);
  }
  return { tenants, arrivalUs, tenant, ...stackOptional(traces, length) };
}

function stackOptional(traces: readonly Trace[], length: number): Pick<Trace, OptionalColumn> {
  const present = OPTIONAL_COLUMNS.filter((key) => traces.some((trace) => trace[key] !== undefined));
  return Object.fromEntries(present.map((key) => [key, stackColumn(traces, key, length)]));
}

function stackColumn(traces: readonly Trace[], key: OptionalColumn, length: number) {
  const spec = OPTIONAL_COLUMN_SPECS[key];
  const column = spec.create(length).fill(spec.default);
  let start = 0;
  for (const trace of traces) {
    const values = trace[key];
    if (values !== undefined) column.set(values, start);
    start += traceLength(trace);
  }
  return column;
}

function take<Column extends Float64Array | Uint32Array | Uint16Array>(
  values: Column,
  rows: Uint32Array,
): Column {
  const taken = new (values.constructor as new (length: number) => Column)(rows.length);
  for (let row = 0; row < rows.length; row++) taken[row] = values[rows[row] as number] as number;
  return taken;
}
