import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { ColumnType } from '../../sweep/row.js';
import type { SweepColumn, SweepTable } from '../../sweep/sweep-table.js';
import type { SweepFacts } from './sweep-folder.js';

const TYPES: Readonly<Record<ColumnType, NonNullable<ColumnSource['type']>>> = {
  text: 'STRING',
  number: 'DOUBLE',
  count: 'INT32',
  flag: 'BOOLEAN',
};

/** The table as a Parquet file; what is not known is null. `facts` go into the file's metadata as JSON. */
export function sweepTableToParquet(table: SweepTable, facts: SweepFacts): Uint8Array {
  const columnData = table.columns.map(columnSource);
  const kvMetadata = [{ key: 'perseus.sweep', value: JSON.stringify(facts) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'perseus' }));
}

function columnSource({ name, type, cells }: SweepColumn): ColumnSource {
  return { name, data: [...cells], type: TYPES[type], nullable: cells.includes(null) };
}
