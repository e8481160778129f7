import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { ReadOptions } from '../../trace/collect.js';
import { META_KEY } from '../../trace/columnar.js';
import { ARRIVAL_COLUMN, OPTIONAL_COLUMN_SPECS, TENANT_COLUMN } from '../../trace/columns.js';
import { formatMeta } from '../../trace/meta.js';
import { readTraceParquet } from '../../trace/parquet/read-trace.js';
import { OPTIONAL_COLUMNS, type Trace } from '../../trace/trace.js';

/**
 * The trace as a Parquet file: numbers as INT64, the tenant as a string, the facts on the whole
 * trace as JSON in the file's metadata under `perseus.trace`. Snappy compression.
 */
export function traceToParquet(trace: Trace): Uint8Array {
  const columnData: ColumnSource[] = [
    numberColumn(ARRIVAL_COLUMN.name, trace.arrivalUs),
    { name: TENANT_COLUMN, data: tenantNames(trace), type: 'STRING', nullable: false },
  ];
  for (const key of OPTIONAL_COLUMNS) {
    const values = trace[key];
    if (values !== undefined) columnData.push(numberColumn(OPTIONAL_COLUMN_SPECS[key].name, values));
  }
  const kvMetadata = [{ key: META_KEY, value: formatMeta(trace) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'perseus' }));
}

/**
 * Reads a trace from Parquet, of any number of row groups and any compression that is in use.
 *
 * @throws InputError when the bytes are not Parquet, or the table is not a trace
 */
export async function traceFromParquet(bytes: Uint8Array, options: ReadOptions = {}): Promise<Trace> {
  const { compressors } = await import('hyparquet-compressors');
  return readTraceParquet(bytes, compressors, options);
}

function numberColumn(name: string, values: ArrayLike<number>): ColumnSource {
  return {
    name,
    data: BigInt64Array.from({ length: values.length }, (_, row) => BigInt(values[row]!)),
    type: 'INT64',
    nullable: false,
  };
}

function tenantNames(trace: Trace): string[] {
  return Array.from(trace.tenant, (index) => trace.tenants[index] as string);
}
