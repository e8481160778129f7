import { gunzipSync } from 'fflate';
import { formatTraceCsv } from '../trace/csv.js';
import { readTraceParquet } from '../trace/parquet/read-trace.js';
import type { DroppedFile } from './open-files.js';

/** Besides Snappy. The libraries for Brotli and Zstandard are four times as large as all else that reads Parquet. */
const COMPRESSORS = { GZIP: (bytes: Uint8Array) => gunzipSync(bytes) };

/**
 * Dropped files as text: traces in Parquet become CSV, as the page holds traces.
 * @throws InputError where one of them is none
 */
export async function openTables(dropped: readonly DroppedFile[]): Promise<DroppedFile[]> {
  const opened: DroppedFile[] = [];
  for (const { path, text, bytes } of dropped) {
    const trace = bytes && (await readTraceParquet(bytes, COMPRESSORS, { file: path }));
    opened.push({ path, text: trace === undefined ? text : formatTraceCsv(trace) });
  }
  return opened;
}
