import { placeOf, rowReader, type TraceReader } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { Arrivals } from './arrivals.js';
import { carriedReader } from './carried.js';
import type { ImportOptions } from './options.js';
import { parseStampUs } from './stamp.js';
import { type TableRow, TableText } from './table.js';

/**
 * Azure LLM inference trace 2023: `TIMESTAMP,ContextTokens,GeneratedTokens` with stamps like
 * `2023-11-16 18:17:03.9799600` (Patel et al., Splitwise, ISCA 2024); the 2024 trace has the same
 * columns. Also with times in seconds, in a column `t_s`. The earliest row is time 0.
 *
 * @throws InputError with the line of every problem
 */
export function beginAzureLlm2023(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const tenant = options.tenant ?? DEFAULT_TENANT;
  const requests = new Arrivals(options);
  requests.tenant(tenant);
  const carriedBy = carriedReader(TOKENS, problems);
  const addRow = (row: TableRow) => requests.add(timeUs(row, problems), tenant, carriedBy(row.line, row.get));
  const table = new TableText([['TIMESTAMP'], ['t_s']], addRow, problems, placeOf(options));
  return rowReader(table, problems, () =>
    requests.toTrace('Azure LLM inference trace 2023', { originUs: requests.earliestUs }),
  );
}

const TOKENS = [
  { key: 'promptTokens', column: 'ContextTokens' },
  { key: 'outputTokens', column: 'GeneratedTokens' },
] as const;

const REMEDIES = {
  t_s: 'write seconds',
  TIMESTAMP: 'write it like 2023-11-16 18:17:03.98; a column of seconds is called t_s',
} as const;

function timeUs(row: TableRow, problems: RowProblems): number {
  const stamp = row.get('TIMESTAMP');
  const cell = stamp ?? row.get('t_s') ?? '';
  const us = stamp === undefined ? Math.round(parseNumber(cell) * 1e6) : parseStampUs(cell);
  if (!Number.isSafeInteger(us)) {
    const path = stamp === undefined ? 't_s' : 'TIMESTAMP';
    problems.add({ line: row.line, path, what: `${quoteValue(cell)} is not a time`, remedy: REMEDIES[path] });
  }
  return us;
}
