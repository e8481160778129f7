import { extname } from 'node:path';
import { InputError } from '../base/problem.js';
import type { RequestLog } from '../trace/request-log.js';
import { requestLogToArrow, requestLogToTable } from '../trace/request-log-table.js';
import { writeFileAtomically } from './atomic-write.js';

/** Writes a request log by its extension: .arrow or .csv. */
export async function writeRequestLog(path: string, log: RequestLog): Promise<void> {
  requireLogName(path);
  return writeFileAtomically(path, extname(path) === '.arrow' ? requestLogToArrow(log) : toCsv(log));
}

/** @throws InputError when the name does not tell in which format to write */
export function requireLogName(path: string): void {
  if (['.arrow', '.csv'].includes(extname(path))) return;
  throw InputError.of(`${path}: a request log is written as .arrow or .csv`, 'end the name so');
}

function toCsv(log: RequestLog): string {
  const table = requestLogToTable(log);
  const names = table.schema.fields.map((field) => field.name);
  const columns = names.map((name) => table.getChild(name)!);
  const lines = [names.join(',')];
  for (let row = 0; row < table.numRows; row++)
    lines.push(columns.map((column) => cell(column.get(row))).join(','));
  return `${lines.join('\n')}\n`;
}

/** RFC 4180; a time that never came is empty. */
function cell(value: unknown): string {
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(Math.round(value * 1000) / 1000);
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
