import { extname } from 'node:path';
import { tableField } from '../../base/csv.js';
import { InputError } from '../../base/problem.js';
import type { RequestLog } from '../../trace/request-log.js';
import { requestLogToArrow, requestLogToTable } from '../../trace/request-log-table.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { Content } from '../output/create-file.js';

/** Writes a request log by its extension: .arrow or, which perseus does not read back, .csv. */
export async function writeRequestLog(path: string, log: RequestLog): Promise<void> {
  requireLogName(path);
  return writeFileAtomically(path, requestLogContent(path, log));
}

/** What a file of that name is to hold. */
export function requestLogContent(name: string, log: RequestLog): Content {
  return extname(name) === '.arrow' ? requestLogToArrow(log) : csvParts(log);
}

/** @throws InputError when the name does not tell in which format to write */
export function requireLogName(path: string): void {
  if (['.arrow', '.csv'].includes(extname(path))) return;
  throw InputError.of(`${path}: a request log is written as .arrow or .csv`, 'end the name so');
}

/** A text of all rows of a long run would be longer than a text may be. */
const ROWS_AT_ONCE = 10_000;

function* csvParts(log: RequestLog): Generator<string> {
  const table = requestLogToTable(log);
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
function cell(value: number | string): string {
  return tableField(typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
}
