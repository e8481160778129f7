import { DataType, type Table } from 'apache-arrow';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** An Arrow table of texts, flags, whole numbers of at most 32 bits and floating-point ones as a Parquet file; its metadata comes along. */
export function tableToParquet(table: Table): Uint8Array {
  const columnData = table.schema.fields.map(({ name, type }, i): ColumnSource => {
    const data = [...table.getChildAt(i)!] as (string | number | boolean | null)[];
    return { name, data, type: parquetType(type), nullable: data.includes(null) };
  });
  const kvMetadata = [...table.schema.metadata].map(([key, value]) => ({ key, value }));
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'perseus' }));
}

function parquetType(type: DataType): NonNullable<ColumnSource['type']> {
  if (DataType.isDictionary(type)) return 'STRING';
  if (DataType.isFloat(type)) return type.precision === 1 ? 'FLOAT' : 'DOUBLE';
  return DataType.isBool(type) ? 'BOOLEAN' : 'INT32';
}
