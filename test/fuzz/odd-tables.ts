import { brotliCompressSync, gzipSync } from 'node:zlib';
import {
  Bool,
  Dictionary,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Uint8,
  Uint32,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { type BasicType, type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { META_KEY } from '../../src/trace/columnar.js';
import { FILE_COLUMNS } from '../../src/trace/columns.js';
import { between, chance, pick, type Random, repeat, words } from './choose.js';
import { noisyString } from './noise.js';

/*
 * Sound files whose tables are like traces, but have columns of any type and values of any kind: what
 * other programs may write where perseus expects a trace.
 */

/** An Arrow file or stream with such a table, of one or two batches. */
export function oddArrowTable(random: Random): Uint8Array {
  const rows = random.nextInt(8);
  const make = (names: readonly string[]) =>
    new Table(Object.fromEntries(names.map((name, i) => [name, arrowColumn(random, name, rows, i)])));
  const names = columnNames(random);
  const table = chance(random, 0.2) ? twice(make(names)) : make(names);
  if (chance(random, 0.4)) table.schema.metadata.set(META_KEY, oddFacts(random));
  return tableToIPC(table, pick(random, ['file', 'stream']));
}

function twice(table: Table): Table {
  return table.concat(table);
}

/** A Parquet file with such a table, of one or more row groups and pages. */
export function oddParquetTable(random: Random): Uint8Array {
  const rows = between(random, 1, 12);
  const columnData = columnNames(random).map((name) => parquetColumn(random, name, rows));
  const buffer = parquetWriteBuffer({
    columnData,
    rowGroupSize: pick(random, [1, 5, 1000]),
    pageSize: pick(random, [16, 1_048_576]),
    codec: pick(random, ['SNAPPY', 'UNCOMPRESSED', 'GZIP', 'BROTLI']),
    compressors: { GZIP: gzipSync, BROTLI: brotliCompressSync },
    ...(chance(random, 0.4) ? { kvMetadata: [{ key: META_KEY, value: oddFacts(random) }] } : {}),
  });
  return new Uint8Array(buffer);
}

function columnNames(random: Random): string[] {
  const others = repeat(random.nextInt(4), () =>
    chance(random, 0.85) ? pick(random, FILE_COLUMNS) : pick(random, ['x', '__index', noisyString(random)]),
  );
  return [...new Set(chance(random, 0.95) ? ['arrival_us', ...others] : others)];
}

function oddFacts(random: Random): string {
  return pick(random, [
    '{"tenants":["a","b"],"duration_us":1000000}',
    '{"tenants":["a","a"]}',
    '{"tenants":[]}',
    '{"tenants":[1]}',
    '{"duration_us":-1}',
    '{"duration_us":1e400}',
    '{"source":7}',
    '[]',
    '{',
    noisyString(random),
  ]);
}

/** Values in order, mostly, so that some tables are traces. */
function numbers(random: Random, rows: number): number[] {
  const odd = chance(random, 0.3);
  return repeat(rows, (row) =>
    odd ? pick(random, [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 2 ** 53, row]) : row + 1,
  );
}

function texts(random: Random, rows: number): string[] {
  return repeat(rows, () => (chance(random, 0.9) ? pick(random, ['a', 'b', 'c']) : noisyString(random)));
}

function withGaps<T>(random: Random, values: readonly T[]): (T | null)[] {
  return chance(random, 0.2) ? values.map((value) => (chance(random, 0.3) ? null : value)) : [...values];
}

function arrowColumn(random: Random, name: string, rows: number, id: number): Vector {
  const isText = name === 'tenant' ? chance(random, 0.9) : chance(random, 0.05);
  if (isText) {
    const type = chance(random, 0.5)
      ? new Dictionary(new Utf8(), pick(random, [new Int32(), new Int16()]), id)
      : new Utf8();
    return vectorFromArray(withGaps(random, texts(random, rows)), type);
  }
  const values = withGaps(random, numbers(random, rows));
  const Type = pick(random, [
    ...[Float64, Float64, Float64, Float32, Float16, Int16, Int32, Uint8, Uint32, Int64, Bool],
    TimestampMicrosecond,
  ]);
  const type = new Type();
  if (type instanceof Int64) return vectorFromArray(values.map(toBigInt), type);
  if (type instanceof TimestampMicrosecond) return vectorFromArray(values.map(toWhole), type);
  if (type instanceof Bool) return vectorFromArray(values.map(Boolean), type);
  return vectorFromArray(values, type as Float64);
}

function toWhole(value: number | null): number | null {
  return value === null ? null : Number.isSafeInteger(value * 1000) ? value : 0;
}

function toBigInt(value: number | null): bigint | null {
  return value === null ? null : BigInt(Number.isSafeInteger(value) ? value : 0);
}

const PARQUET_TYPES = words('INT64 INT64 DOUBLE DOUBLE FLOAT INT32 BOOLEAN JSON') as readonly BasicType[];

function parquetColumn(random: Random, name: string, rows: number): ColumnSource {
  const isText = name === 'tenant' ? chance(random, 0.9) : chance(random, 0.05);
  if (isText) return { name, data: withGaps(random, texts(random, rows)), type: 'STRING', nullable: true };
  const type = pick(random, PARQUET_TYPES);
  const values = withGaps(random, numbers(random, rows));
  return { name, data: values.map((value) => parquetValue(type, value)), type, nullable: true };
}

function parquetValue(type: BasicType, value: number | null): unknown {
  if (value === null) return null;
  if (type === 'INT64') return toBigInt(value);
  if (type === 'INT32') return Number.isSafeInteger(value) ? value | 0 : 0;
  return type === 'BOOLEAN' ? value > 0 : value;
}
