import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { InputError } from '../../base/problem.js';
import { checkArrowBounds } from '../arrow/arrow-check.js';
import { unknownCalls } from '../calls.js';
import { placeOf } from '../collect.js';
import type { RequestLog } from '../request-log.js';
import { CALLS_FORMAT, callsFromTable, callsToTable } from './calls-table.js';
import { FORMAT_KEY, REQUESTS_FORMAT, requestsFromTable, requestsToTable } from './requests-table.js';

/** The same log gives the same bytes. */
export function requestsToArrow(log: RequestLog): Uint8Array {
  return tableToIPC(requestsToTable(log), 'file');
}

export function callsToArrow(log: RequestLog): Uint8Array {
  return tableToIPC(callsToTable(log), 'file');
}

export interface LogFile {
  readonly bytes: Uint8Array;
  readonly file?: string | undefined;
}

/**
 * @param calls without it nothing is known of the calls
 * @throws InputError when a file is no such table, or of a format that is not known
 */
export function requestLogFromArrow(requests: LogFile, calls?: LogFile): RequestLog {
  const log = readTable(requests, (table) => {
    requireFormat(table, REQUESTS_FORMAT);
    const without = requestsFromTable(table);
    return { ...without, calls: unknownCalls(without.tenant.length) };
  });
  if (calls === undefined) return log;
  return readTable(calls, (table) => {
    requireFormat(table, CALLS_FORMAT);
    return { ...log, calls: callsFromTable(table, log) };
  });
}

function readTable<T>({ bytes, file }: LogFile, read: (table: Table) => T): T {
  try {
    checkArrowBounds(bytes);
    return read(tableFromIPC(bytes));
  } catch (error) {
    // Arrow throws whatever broken bytes make it trip over, so every error is the input's.
    const reason = error instanceof Error ? error.message : String(error);
    throw InputError.of(
      `this is no request log (${reason})`,
      'give a file that this version of perseus simulate writes with --out or --log',
      placeOf({ file }),
    );
  }
}

function requireFormat(table: Table, format: string): void {
  const found = table.schema.metadata.get(FORMAT_KEY);
  if (found !== format) throw new Error(`its format is ${found ?? 'not named'}, and ${format} is read here`);
}
