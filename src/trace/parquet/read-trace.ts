import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { placeOf, type ReadOptions } from '../collect.js';
import {
  checkColumnNames,
  indexTenants,
  META_KEY,
  toNumbers,
  traceOfColumns,
  unreadable,
} from '../columnar.js';
import { FILE_COLUMNS, TENANT_COLUMN } from '../columns.js';
import type { Trace } from '../trace.js';
import { checkParquetPages } from './parquet-check.js';

/**
 * Reads a trace from Parquet, of any number of row groups.
 *
 * @param compressors those that the file may have besides none and Snappy
 * @throws InputError when the bytes are not Parquet, or the table is not a trace
 */
export async function readTraceParquet(
  bytes: Uint8Array,
  compressors: Compressors,
  options: ReadOptions = {},
): Promise<Trace> {
  const place = placeOf(options);
  try {
    const file = exactBuffer(bytes);
    const metadata = parquetMetadata(file);
    const names = parquetSchema(metadata).children.map((child) => child.element.name);
    checkColumnNames(names, place);
    const wanted = names.filter((name) => FILE_COLUMNS.includes(name));
    return toTrace(await readColumns(file, metadata, wanted, compressors), metadata, options);
  } catch (error) {
    // hyparquet throws whatever broken bytes make it trip over, so every error is the input's.
    throw unreadable('Parquet', error, place);
  }
}

/** The bytes as a buffer of their own: Node's small files lie in the middle of a shared one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  // Not bytes.slice(): that of a Node Buffer copies nothing.
  return (isWhole ? bytes.buffer : new Uint8Array(bytes).buffer) as ArrayBuffer;
}

interface Chunk {
  readonly rowStart: number;
  readonly values: ArrayLike<unknown>;
}

/** The columns, whole. Row groups arrive in any order, so chunks are put in place by their first row. */
async function readColumns(
  file: ArrayBuffer,
  metadata: FileMetaData,
  columns: string[],
  compressors: Compressors,
): Promise<Map<string, ArrayLike<unknown>>> {
  checkParquetPages(file, metadata, columns, compressors);
  const chunks = new Map<string, Chunk[]>(columns.map((name) => [name, []]));
  await parquetRead({
    file,
    metadata,
    columns,
    compressors,
    onChunk: ({ columnName, columnData, rowStart }) => {
      chunks.get(columnName)?.push({ rowStart, values: columnData });
    },
  });
  return new Map(Array.from(chunks, ([name, parts]) => [name, joinChunks(parts)]));
}

function joinChunks(chunks: readonly Chunk[]): ArrayLike<unknown> {
  const ordered = [...chunks].sort((a, b) => a.rowStart - b.rowStart);
  if (ordered.length === 1) return (ordered[0] as Chunk).values;
  const values: unknown[] = [];
  for (const chunk of ordered) {
    if (chunk.rowStart !== values.length) throw new Error('rows are missing');
    for (let row = 0; row < chunk.values.length; row++) values.push(chunk.values[row]);
  }
  return values;
}

function toTrace(
  columns: ReadonlyMap<string, ArrayLike<unknown>>,
  metadata: FileMetaData,
  options: ReadOptions,
): Trace {
  const place = placeOf(options);
  return traceOfColumns(
    {
      meta: metadata.key_value_metadata?.find(({ key }) => key === META_KEY)?.value,
      numbersOf: (spec) => {
        const values = columns.get(spec.name);
        return values && toNumbers(values, spec, place);
      },
      tenantsOf: (known) => {
        const names = columns.get(TENANT_COLUMN);
        return names && indexTenants(names, known, place);
      },
    },
    options,
  );
}
