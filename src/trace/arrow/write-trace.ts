import {
  Dictionary,
  makeData,
  makeVector,
  Schema,
  Table,
  tableToIPC,
  Uint16,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { META_KEY } from '../columnar.js';
import { ARRIVAL_COLUMN, OPTIONAL_COLUMN_SPECS, TENANT_COLUMN } from '../columns.js';
import { formatMeta } from '../meta.js';
import { OPTIONAL_COLUMNS, type Trace } from '../trace.js';

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

function tenantVector(trace: Trace): Vector {
  // Without an id of our own the package counts one up, and no two files would be the same.
  const type = new Dictionary(new Utf8(), new Uint16(), 0);
  const dictionary = vectorFromArray(trace.tenants, new Utf8());
  return new Vector([makeData({ type, data: trace.tenant, dictionary })]);
}
