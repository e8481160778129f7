import { placeOf, rowReader, type TraceReader } from '../collect.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { Arrivals } from './arrivals.js';
import type { ImportOptions } from './options.js';
import { type TableRow, TableText } from './table.js';

/**
 * Azure Functions Invocation Trace 2021: one row per invocation, `app,func,end_timestamp,duration`
 * in seconds (Zhang et al., Faster and Cheaper Serverless Computing on Harvested Resources, SOSP
 * 2021). Also with the column names `end_s,duration_s`. An invocation arrives when it starts, its
 * duration before its end. Rows come in any order. The clock is the file's, moved on only where an
 * invocation began before the file's time 0.
 *
 * @throws InputError with the line of every problem
 */
export function beginAzureFunctions2021(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const arrivals = new Arrivals(options);
  const addRow = (row: TableRow) => arrivals.add(startUs(row, problems), tenantName(row, options));
  const table = new TableText(COLUMNS, addRow, problems, placeOf(options));
  return rowReader(table, problems, () =>
    arrivals.toTrace('Azure Functions Invocation Trace 2021', { originUs: Math.min(0, arrivals.earliestUs) }),
  );
}

const COLUMNS = [
  ['app', 'func', 'end_timestamp', 'duration'],
  ['app', 'func', 'end_s', 'duration_s'],
] as const;

function startUs(row: TableRow, problems: RowProblems): number {
  const endColumn = row.get('end_timestamp') === undefined ? 'end_s' : 'end_timestamp';
  const durationColumn = row.get('duration') === undefined ? 'duration_s' : 'duration';
  const end = row.get(endColumn) ?? '';
  const duration = row.get(durationColumn) ?? '';
  const endS = parseNumber(end);
  const durationS = parseNumber(duration);
  if (!(Math.abs(endS) <= MAX_SECONDS)) {
    problems.add({
      line: row.line,
      path: endColumn,
      what: `${quoteValue(end)} is not a time in seconds`,
    });
  }
  if (!(durationS >= 0 && durationS <= MAX_SECONDS)) {
    problems.add({
      line: row.line,
      path: durationColumn,
      what: `${quoteValue(duration)} is not a length in seconds`,
    });
  }
  return Math.round((endS - durationS) * 1e6);
}

/** Beyond this a double no longer holds every microsecond; half of it, since times are subtracted. */
const MAX_SECONDS = Number.MAX_SAFE_INTEGER / 2e6;

/** A function's name is unique within its application only. */
function tenantName(row: TableRow, options: ImportOptions): string {
  const app = row.get('app')?.trim();
  return options.tenantBy === 'app' ? `${app}` : `${app}/${row.get('func')?.trim()}`;
}
