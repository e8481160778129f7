import { gunzipSync } from 'fflate';
import { problemsOf } from '../base/problem.js';
import { traceFromArrow } from '../trace/arrow/read-trace.js';
import { formatTraceCsv } from '../trace/csv.js';
import { readTraceParquet } from '../trace/parquet/read-trace.js';
import type { DroppedFile } from './open-files.js';

/** Besides Snappy. The libraries for Brotli and Zstandard are four times as large as all else that reads Parquet. */
const COMPRESSORS = { GZIP: (bytes: Uint8Array) => gunzipSync(bytes) };

/** Dropped files as text: traces in Arrow or Parquet become CSV, as the page holds traces. What is wrong in one is in its `problems`. */
export async function openTables(dropped: readonly DroppedFile[]): Promise<DroppedFile[]> {
  return Promise.all(
    dropped.map((file) => (file.bytes === undefined ? file : opened(file.path, file.bytes))),
  );
}

async function opened(path: string, bytes: Uint8Array): Promise<DroppedFile> {
  try {
    const trace = /\.arrow$/i.test(path)
      ? traceFromArrow(bytes, { file: path })
      : await readTraceParquet(bytes, COMPRESSORS, { file: path });
    return { path, text: formatTraceCsv(trace) };
  } catch (error) {
    return { path, text: '', problems: problemsOf(error) };
  }
}
