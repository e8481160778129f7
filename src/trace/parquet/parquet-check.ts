import type {
  ColumnMetaData,
  Compressors,
  DataReader,
  FileMetaData,
  PageHeader,
  SchemaElement,
} from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { checkDeltas, countOnes } from './parquet-runs.js';

/*
 * Page headers and encodings are those of the Parquet format (apache/parquet-format: Parquet.thrift,
 * Encodings.md). Columns of a trace are flat, so the only levels are those of missing values.
 */

/**
 * Checks that the pages of the given columns hold as much as their headers claim. The hyparquet package
 * trusts every count and length that it reads: a few wrong bytes would send it through billions of
 * values that are not there.
 *
 * @throws Error or RangeError saying what is wrong
 */
export function checkParquetPages(
  file: ArrayBuffer,
  { schema, row_groups }: FileMetaData,
  columns: readonly string[],
  compressors: Compressors,
): void {
  let rows = 0;
  for (const group of row_groups) {
    const groupRows = Number(group.num_rows);
    rows += checkWithin(groupRows, mostRows(file));
    checkWithin(rows, mostRows(file));
    for (const { meta_data: chunk } of group.columns) {
      if (chunk === undefined) throw new Error('a column is not described');
      const [name, ...inner] = chunk.path_in_schema;
      if (name === undefined || !columns.includes(name)) continue;
      const element = schema.find((candidate) => candidate.name === name);
      if (inner.length > 0 || element?.repetition_type === 'REPEATED') throw new Error(`${name} is nested`);
      new ColumnCheck(chunk, element, compressors).run(file, groupRows);
    }
  }
}

/** Runs of equal values take no room, so a small file can hold many rows; but not any number. */
function mostRows(file: ArrayBuffer): number {
  return 1_000_000 + 4096 * file.byteLength;
}

/** Nor does a page grow without end when it is unpacked. */
function mostPageBytes(packed: number): number {
  return 64 * 2 ** 20 + 2048 * packed;
}

class ColumnCheck {
  readonly #chunk: ColumnMetaData;
  readonly #isOptional: boolean;
  readonly #compressors: Compressors;

  constructor(chunk: ColumnMetaData, element: SchemaElement | undefined, compressors: Compressors) {
    this.#chunk = chunk;
    this.#isOptional = element?.repetition_type !== 'REQUIRED';
    this.#compressors = compressors;
  }

  /** Walks through the pages of the chunk, which follow each other, up to the given row. */
  run(file: ArrayBuffer, rows: number): void {
    const { dictionary_page_offset, data_page_offset, total_compressed_size } = this.#chunk;
    const start = checkWithin(Number(dictionary_page_offset || data_page_offset), file.byteLength);
    const bytes = checkWithin(Number(total_compressed_size), file.byteLength - start);
    const reader = { view: new DataView(file, start, bytes), offset: 0 };
    for (let row = 0; row < rows && reader.offset < bytes - 1; ) {
      const header = parquetHeader(reader);
      const packed = checkWithin(header.compressed_page_size, bytes - reader.offset);
      checkWithin(header.uncompressed_page_size, mostPageBytes(packed));
      row += this.#page(header, new Uint8Array(file, start + reader.offset, packed), rows - row);
      reader.offset += packed;
    }
  }

  /** Checks one page; returns the rows in it. */
  #page(header: PageHeader, bytes: Uint8Array, rowsLeft: number): number {
    switch (header.type) {
      case 'DICTIONARY_PAGE':
        // A value takes at least a bit.
        checkWithin(header.dictionary_page_header?.num_values, 8 * header.uncompressed_page_size);
        return 0;
      case 'DATA_PAGE':
        return this.#dataPage(header, bytes, rowsLeft);
      case 'DATA_PAGE_V2':
        return this.#dataPageV2(header, bytes, rowsLeft);
      default:
        throw new Error(`a page is of the kind ${header.type}`);
    }
  }

  /** Levels and values, packed together. */
  #dataPage(header: PageHeader, bytes: Uint8Array, rowsLeft: number): number {
    const { num_values, encoding } = header.data_page_header ?? {};
    const rows = checkWithin(num_values, rowsLeft);
    const reader = readerOf(this.#unpack(bytes, header.uncompressed_page_size));
    const present = this.#isOptional ? countLevels(reader, rows) : rows;
    const isIndex =
      encoding?.endsWith('_DICTIONARY') || (encoding === 'RLE' && this.#chunk.type !== 'BOOLEAN');
    // All indices are 0 where they have no bits; then there are no runs.
    if (!isIndex) this.#values(reader, encoding, present);
    else if (reader.view.getUint8(reader.offset) > 0) checkIndices(reader, present);
    return rows;
  }

  /** Levels as they are, then packed values. */
  #dataPageV2(header: PageHeader, bytes: Uint8Array, rowsLeft: number): number {
    const page = header.data_page_header_v2;
    const rows = checkWithin(page?.num_values, rowsLeft);
    const missing = checkWithin(page?.num_nulls, rows);
    const levels = readerOf(bytes);
    levels.offset = checkWithin(page?.repetition_levels_byte_length, bytes.length);
    const start =
      levels.offset + checkWithin(page?.definition_levels_byte_length, bytes.length - levels.offset);
    if (this.#isOptional) countOnes(levels, 1, rows);
    const rest = bytes.subarray(this.#isOptional ? start : levels.offset);
    const isPacked = page?.is_compressed !== false;
    const reader = readerOf(isPacked ? this.#unpack(rest, header.uncompressed_page_size - start) : rest);
    if (page?.encoding?.endsWith('_DICTIONARY')) checkIndices(reader, rows - missing);
    else this.#values(reader, page?.encoding, rows - missing);
    return rows;
  }

  #unpack(bytes: Uint8Array, length: number): Uint8Array {
    return decompressPage(bytes, length, this.#chunk.codec, this.#compressors);
  }

  #values(reader: DataReader, encoding: string | undefined, count: number): void {
    switch (encoding) {
      case 'PLAIN':
        return;
      case 'RLE':
        reader.offset += RUNS_LENGTH_BYTES;
        countOnes(reader, 1, count);
        return;
      case 'DELTA_BINARY_PACKED':
      case 'DELTA_LENGTH_BYTE_ARRAY':
        checkDeltas(reader);
        return;
      case 'BYTE_STREAM_SPLIT':
        if (this.#chunk.type !== 'FIXED_LEN_BYTE_ARRAY') return;
        throw new Error('numbers are written as bytes');
      default:
        throw new Error(`it is encoded as ${encoding}; write it with plain values or a dictionary`);
    }
  }
}

/** Before runs stands how many bytes they take, except where a page header says so. */
const RUNS_LENGTH_BYTES = 4;

/** How many of so many values are there, by their levels; leaves the reader after these. */
function countLevels(reader: DataReader, count: number): number {
  const start = reader.offset + RUNS_LENGTH_BYTES;
  const end = start + reader.view.getUint32(reader.offset, true);
  reader.offset = start;
  const present = countOnes(reader, 1, count);
  reader.offset = end;
  return present;
}

/** Indices into the dictionary: their number of bits, then runs. */
function checkIndices(reader: DataReader, count: number): void {
  const width = checkWithin(reader.view.getUint8(reader.offset), MOST_INDEX_BITS);
  reader.offset++;
  countOnes(reader, width, count);
}

const MOST_INDEX_BITS = 32;

function readerOf(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function checkWithin(value: number | undefined, limit: number): number {
  if (value !== undefined && value >= 0 && value <= limit) return value;
  throw new RangeError('a count or a length is larger than what is there');
}
