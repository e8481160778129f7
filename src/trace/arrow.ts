import {
  type Data,
  DataType,
  Dictionary,
  makeData,
  makeVector,
  Precision,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint16,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { Place } from '../base/problem.js';
import { checkArrowBounds } from './arrow-check.js';
import { buildTrace } from './build.js';
import { placeOf, type ReadOptions } from './collect.js';
import { checkColumnNames, indexTenants, META_KEY, soleTenant, toNumbers, unreadable } from './columnar.js';
import { ARRIVAL_COLUMN, type ColumnSpec, OPTIONAL_COLUMN_SPECS, TENANT_COLUMN } from './columns.js';
import { formatMeta, parseMeta } from './meta.js';
import { OPTIONAL_COLUMNS, type Trace } from './trace.js';

/**
 * The trace as an Arrow IPC file: one record batch, columns as they are in memory (`arrival_us`
 * is a double holding whole microseconds), the tenant as a dictionary, the facts on the whole trace
 * as JSON in the schema's metadata under `perseus.trace`. Not compressed, so that it can be read
 * without copying.
 */
export function traceToArrow(trace: Trace): Uint8Array {
  const columns: Record<string, Vector> = {
    [ARRIVAL_COLUMN.name]: makeVector(trace.arrivalUs),
    [TENANT_COLUMN]: tenantVector(trace),
  };
  for (const key of OPTIONAL_COLUMNS) {
    const values = trace[key];
    if (values !== undefined) columns[OPTIONAL_COLUMN_SPECS[key].name] = makeVector(values);
  }
  const table = new Table(columns);
  const schema = new Schema(table.schema.fields, new Map([[META_KEY, formatMeta(trace)]]));
  return tableToIPC(new Table(schema, table.batches), 'file');
}

/**
 * Reads a trace from an Arrow IPC file or stream. Columns of the types that {@link traceToArrow}
 * writes are used where they lie in `bytes`; other numeric types are converted. The tenant is a
 * dictionary or plain text.
 *
 * @throws InputError when the bytes are not Arrow, or the table is not a trace
 */
export function traceFromArrow(bytes: Uint8Array, options: ReadOptions = {}): Trace {
  const place = placeOf(options);
  try {
    checkArrowBounds(bytes);
    return readTable(tableFromIPC(bytes), options);
  } catch (error) {
    // Arrow throws whatever broken bytes make it trip over, so every error is the input's.
    throw unreadable('Arrow IPC', error, place);
  }
}

function readTable(table: Table, options: ReadOptions): Trace {
  const place = placeOf(options);
  checkColumnNames(
    table.schema.fields.map((field) => field.name),
    place,
  );
  const meta = table.schema.metadata.get(META_KEY);
  const facts = meta === undefined ? {} : parseMeta(meta, place);
  const optional = OPTIONAL_COLUMNS.flatMap((key) => {
    const vector = table.getChild(OPTIONAL_COLUMN_SPECS[key].name);
    return vector === null ? [] : [[key, readNumbers(vector, OPTIONAL_COLUMN_SPECS[key], place)]];
  });
  const tenant = table.getChild(TENANT_COLUMN);
  return buildTrace(
    {
      ...Object.fromEntries(optional),
      arrivalUs: readNumbers(table.getChild(ARRIVAL_COLUMN.name) as Vector, ARRIVAL_COLUMN, place),
      ...(tenant === null
        ? { tenants: soleTenant(facts.tenants, options.tenant) }
        : readTenants(tenant, facts.tenants ?? [], place)),
      durationUs: facts.durationUs,
      source: facts.source,
    },
    { place, sort: options.sort },
  );
}

function tenantVector(trace: Trace): Vector {
  // Without an id of our own the package counts one up, and no two files would be the same.
  const type = new Dictionary(new Utf8(), new Uint16(), 0);
  const dictionary = vectorFromArray(trace.tenants, new Utf8());
  return new Vector([makeData({ type, data: trace.tenant, dictionary })]);
}

function readNumbers(vector: Vector, spec: ColumnSpec, place: Place): ArrayLike<number> {
  checkLength(vector);
  if (!isNumeric(vector.type)) throw new Error(`${spec.name} has the type ${vector.type}, not a number`);
  if (vector.nullCount > 0) return toNumbers([...vector], spec, place);
  const values = vector.toArray();
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? toNumbers(values, spec, place)
    : values;
}

/** Half precision is left out: no number of microseconds worth writing fits it. */
function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF);
}

function readTenants(vector: Vector, known: readonly string[], place: Place) {
  checkLength(vector);
  if (canShareIndices(vector)) {
    const data = vector.data[0] as Data<Dictionary>;
    const tenants = [...(data.dictionary as Vector)].map(String);
    const tenant = data.values.subarray(0, data.length) as Uint16Array;
    if (new Set(tenants).size === tenants.length) return { tenants, tenant };
  }
  return indexTenants([...vector], known, place);
}

/** Some rows, one dictionary with 16-bit indices and no missing values: the column as a trace has it. */
function canShareIndices(vector: Vector): boolean {
  const [data, ...others] = vector.data;
  if (data === undefined || data.length === 0 || others.length > 0 || vector.nullCount > 0) return false;
  if (!DataType.isDictionary(data.type) || !(data.values instanceof Uint16Array)) return false;
  const { dictionary } = data;
  return dictionary !== undefined && dictionary.nullCount === 0 && DataType.isUtf8(dictionary.type);
}

/**
 * A broken file can claim any number of rows; it must not make us walk through more than its
 * buffers hold.
 */
function checkLength(vector: Vector): void {
  for (const data of vector.data) {
    const held = DataType.isUtf8(data.type) ? data.valueOffsets.length - 1 : data.values.length;
    if (data.length > Math.max(0, held)) throw new Error('a column ends early');
    if (data.dictionary !== undefined) checkLength(data.dictionary);
  }
}
