import {
  Dictionary,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { Outcome } from '../request-log.js';

/** What a column of numbers is kept in. */
export type NumericColumn = Float64Array | Float32Array | Int32Array | Int16Array | Uint32Array | Uint16Array;

/** A column that has a value in every row. */
export function countColumn(values: Int32Array | Int16Array | Uint32Array | Uint16Array): Vector {
  return makeVector(values as Int32Array);
}

/** A column of times, null where there is NaN. */
export function timeColumn(values: Float64Array | Float32Array): Vector {
  const nulls = values.includes(Number.NaN)
    ? nullsWhere(values.length, (row) => Number.isNaN(values[row]!))
    : NO_NULLS;
  return values instanceof Float64Array
    ? makeVector(makeData({ type: new Float64(), data: values, ...nulls }))
    : makeVector(makeData({ type: new Float32(), data: values, ...nulls }));
}

/**
 * A column of texts, given by their indices; null where the text is undefined.
 * @param id of its dictionary in the file. Without one the package counts up, and the same log would not give the same bytes twice.
 */
export function textColumn(
  indices: Uint16Array | Uint8Array,
  texts: readonly (string | undefined)[],
  id: number,
): Vector {
  const distinct = [...new Set(texts)].filter((text) => text !== undefined);
  const codeOf = new Map(distinct.map((text, code) => [text, code]));
  const codes = texts.map((text) => (text === undefined ? -1 : codeOf.get(text)!));
  const nulls = nullsOfTexts(indices, codes);
  const dictionary = vectorFromArray(distinct, new Utf8());
  // The Arrow format advises against unsigned indices, which not every reader takes.
  const isShort = texts.length <= MOST_SHORT;
  const type = new Dictionary(new Utf8(), isShort ? new Int16() : new Int32(), id);
  const data = isShort ? new Int16Array(indices) : new Int32Array(indices);
  if (distinct.length === 0) data.fill(0);
  else if (codes.some((code, index) => code !== index))
    for (let row = 0; row < data.length; row++) data[row] = Math.max(0, codes[data[row]!]!);
  return makeVector(makeData({ type, data, dictionary, ...nulls })) as unknown as Vector;
}

function nullsOfTexts(indices: Uint16Array | Uint8Array, codes: readonly number[]) {
  if (!codes.includes(-1)) return NO_NULLS;
  const rows = indices.length;
  if (codes.every((code) => code === -1))
    return { nullCount: rows, nullBitmap: new Uint8Array((rows + 7) >>> 3) };
  return nullsWhere(rows, (row) => codes[indices[row]!] === -1);
}

const MOST_SHORT = 2 ** 15;

/** Arrow marks what is there with a bit. */
function nullsWhere(rows: number, isNull: (row: number) => boolean) {
  let nullCount = 0;
  const nullBitmap = new Uint8Array((rows + 7) >>> 3);
  for (let row = 0; row < rows; row++) {
    if (isNull(row)) nullCount++;
    else nullBitmap[row >>> 3]! |= 1 << (row & 7);
  }
  return nullCount === 0 ? NO_NULLS : { nullCount, nullBitmap };
}

const NO_NULLS = { nullCount: 0 };

export function tableOfColumns(
  columns: readonly (readonly [name: string, values: Vector])[],
  metadata: ReadonlyMap<string, string>,
): Table {
  const fields = columns.map(([name, { type, nullable }]) => new Field(name, type, nullable));
  const data = makeData({
    type: new Struct(fields),
    length: columns[0]![1].length,
    nullCount: 0,
    children: columns.map(([, vector]) => vector.data[0]!),
  });
  return new Table(new Schema(fields, new Map(metadata)), new RecordBatch(new Schema(fields), data));
}

/** @throws Error where the table lacks one of these columns */
export function requireColumns(table: Table, names: readonly string[]): void {
  const missing = names.filter((name) => table.getChild(name) === null);
  if (missing.length > 0) throw new Error(`it has no ${missing.join(', ')}`);
}

/**
 * A column of numbers; of times, NaN where there is null.
 * @throws Error where it holds something else
 */
export function numbersOf<Column extends NumericColumn | Uint8Array>(
  table: Table,
  name: string,
  ...kinds: readonly (new (
    length: number,
  ) => Column)[]
): Column {
  const column = table.getChild(name)!;
  const values: unknown = column.toArray();
  const areTimes = values instanceof Float64Array || values instanceof Float32Array;
  const isFull = column.nullCount === 0 || areTimes;
  const isOne = (each: unknown): each is Column => kinds.some((kind) => each instanceof kind);
  if (!(isOne(values) && values.length === table.numRows && isFull))
    throw new Error(`${name} is not a full column of ${kinds[0]!.name.replace('Array', '')}`);
  if (column.nullCount === 0) return values;
  const times = values.slice() as Column;
  for (let row = 0; row < times.length; row++) if (!column.isValid(row)) times[row] = Number.NaN;
  return times;
}

/** Texts of a column in order of their first row, and their indices; null is '' where that is allowed. */
export function textsOf(
  table: Table,
  name: string,
  { allowNull = false } = {},
): { readonly texts: string[]; readonly indices: Uint16Array } {
  const texts: string[] = [];
  const known = new Map<string, number>();
  const values = table.getChild(name)!;
  const indices = new Uint16Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value: unknown = values.get(row);
    const text = value === null && allowNull ? '' : value;
    if (typeof text !== 'string') throw new Error(`a row has no ${name}`);
    let index = known.get(text);
    if (index === undefined) {
      index = texts.push(text) - 1;
      known.set(text, index);
    }
    indices[row] = index;
  }
  return { texts, indices };
}

/** How requests and calls end, in words, by their numbers. */
const OUTCOMES: readonly string[] = Object.entries(Outcome)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name);

export function outcomeColumn(outcomes: Uint8Array, id: number): Vector {
  return textColumn(outcomes, OUTCOMES, id);
}

/** @throws Error where an outcome is none that there is */
export function outcomesOf(table: Table): Uint8Array {
  const { texts, indices } = textsOf(table, 'outcome');
  const codes = texts.map((text) => OUTCOMES.indexOf(text));
  const unknown = codes.indexOf(-1);
  if (unknown >= 0) throw new Error(`"${texts[unknown]}" is no known outcome`);
  return Uint8Array.from(indices, (index) => codes[index]!);
}

export function rowNumbers(rows: number): Uint32Array {
  const numbers = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  return numbers;
}
