import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { ColumnType } from '../../sweep/row.js';
import { type SweepTable, tableLength } from '../../sweep/sweep-table.js';
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

/** The table as one of Arrow; what is not known is null. `facts` go into its metadata as JSON. */
export function sweepTableToArrow(table: SweepTable, facts: SweepFacts): Table {
  const vectors = table.columns.map(
    ({ type, cells }, i) => vectorFromArray([...cells], arrowType(type, i)) as Vector,
  );
  // A list, as keys of an object that are whole numbers would come first, whatever their place.
  const fields = vectors.map(({ type, nullable }, i) => new Field(table.columns[i]!.name, type, nullable));
  const data = makeData({
    type: new Struct(fields),
    length: tableLength(table),
    nullCount: 0,
    children: vectors.map((vector) => vector.data[0]!),
  });
  const metadata = new Map([['perseus.sweep', JSON.stringify(facts)]]);
  const batch = new RecordBatch(new Schema(fields), data);
  return new Table(new Schema(fields, metadata), batch);
}
