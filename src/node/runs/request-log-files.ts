import { extname } from 'node:path';
import type { Table } from 'apache-arrow';
import { tableField } from '../../base/csv.js';
import { InputError } from '../../base/problem.js';
import { callsToTable } from '../../trace/log-table/calls-table.js';
import {
  callsToArrow,
  requestLogFromArrow,
  requestsToArrow,
} from '../../trace/log-table/request-log-arrow.js';
import { requestsToTable } from '../../trace/log-table/requests-table.js';
import type { RequestLog } from '../../trace/request-log.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { requireFilePlace } from '../files/output-places.js';
import { readBytesIfPresent } from '../files/read-text.js';
import { tableToParquet } from '../files/table-parquet.js';
import type { Content } from '../output/create-file.js';

/**
 * Writes a request log: its requests into this file, its calls into one beside it. The extension tells the format: .arrow or,
 * which perseus does not read back, .parquet or .csv.
 *
 * @returns the two files
 */
export async function writeRequestLog(path: string, log: RequestLog): Promise<readonly [string, string]> {
  requireLogName(path);
  const callsPath = callsFileOf(path);
  await writeFileAtomically(callsPath, callsContent(callsPath, log));
  await writeFileAtomically(path, requestsContent(path, log));
  return [path, callsPath];
}

/**
 * Reads a log written as .arrow; without the file of its calls nothing is known of these.
 * @throws InputError when there is no such file, or one of them is no such table
 */
export async function readRequestLog(path: string): Promise<RequestLog> {
  const requests = await readBytesIfPresent(path);
  if (requests === undefined) throw InputError.of('there is no such file', undefined, { file: path });
  const callsPath = callsFileOf(path);
  const calls = await readBytesIfPresent(callsPath);
  return requestLogFromArrow({ bytes: requests, file: path }, calls && { bytes: calls, file: callsPath });
}

/** `run.arrow` has its calls in `run.calls.arrow`. */
function callsFileOf(path: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.calls${extension}`;
}

function requestsContent(name: string, log: RequestLog): Content {
  return extname(name) === '.arrow' ? requestsToArrow(log) : contentOf(name, requestsToTable(log));
}

function callsContent(name: string, log: RequestLog): Content {
  return extname(name) === '.arrow' ? callsToArrow(log) : contentOf(name, callsToTable(log));
}

/** @throws InputError when the name does not tell in which format to write, or nothing can be written there */
export async function requireLogPlace(option: string, path: string): Promise<void> {
  requireLogName(path);
  await requireFilePlace(option, path);
  await requireFilePlace(option, callsFileOf(path));
}

function requireLogName(path: string): void {
  if (['.arrow', '.parquet', '.csv'].includes(extname(path))) return;
  throw InputError.of(`${path}: a request log is written as .arrow, .parquet or .csv`, 'end the name so');
}

function contentOf(name: string, table: Table): Content {
  return extname(name) === '.parquet' ? tableToParquet(table) : csvParts(table);
}

/** A text of all rows of a long run would be longer than a text may be. */
const ROWS_AT_ONCE = 10_000;

function* csvParts(table: Table): Generator<string> {
  const names = table.schema.fields.map((field) => field.name);
  const columns = names.map((name) => table.getChild(name)!);
  yield `${names.join(',')}\n`;
  for (let from = 0; from < table.numRows; from += ROWS_AT_ONCE) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(table.numRows, from + ROWS_AT_ONCE); row++)
      lines.push(`${columns.map((column) => cell(column.get(row))).join(',')}\n`);
    yield lines.join('');
  }
}

/** Times in thousandths of their unit; one that never came is empty. */
function cell(value: number | string | null): string {
  if (value === null) return '';
  return tableField(typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
}
