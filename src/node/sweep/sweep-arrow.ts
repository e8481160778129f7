import {
  Bool,
  type DataType,
  Dictionary,
  Float64,
  Int32,
  Schema,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { ColumnType } from '../../sweep/row.js';
import type { SweepTable } from '../../sweep/sweep-table.js';
import type { SweepFacts } from './sweep-folder.js';

/** Dictionaries are numbered here: by themselves they would count on from whatever else was written. */
function arrowType(type: ColumnType, column: number): DataType {
  switch (type) {
    case 'text':
      return new Dictionary(new Utf8(), new Int32(), column);
    case 'number':
      return new Float64();
    case 'count':
      return new Int32();
    case 'flag':
      return new Bool();
  }
}

/** The table as an Arrow IPC file; what is not known is null. `facts` go into the schema's metadata as JSON. */
export function sweepTableToArrow(table: SweepTable, facts: SweepFacts): Uint8Array {
  const columns = table.columns.map(({ name, type, cells }, i): [string, Vector] => [
    name,
    vectorFromArray([...cells], arrowType(type, i)) as Vector,
  ]);
  const { schema, batches } = new Table(Object.fromEntries(columns));
  const metadata = new Map([['perseus.sweep', JSON.stringify(facts)]]);
  return tableToIPC(new Table(new Schema(schema.fields, metadata), batches), 'file');
}
