import { type Random, RandomStreams } from '../../base/random.js';
import { placeOf, rowReader, type TraceReader } from '../collect.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import { Arrivals } from './arrivals.js';
import { checkRequestCount } from './limit.js';
import type { ImportOptions } from './options.js';
import { type BinRange, binRange, spreadCount } from './spread.js';
import { type TableRow, TableText } from './table.js';

/**
 * Azure Functions Trace 2019, `invocations_per_function_md.anon.dNN.csv`: one row per function,
 * `HashOwner,HashApp,HashFunction,Trigger,1,…,1440`, the last 1440 being the invocations of each
 * minute of a day (Shahrad et al., Serverless in the Wild, USENIX ATC 2020). The minute is all that
 * is known of an arrival; `spread` says where in it they are put, `uniform` unless told otherwise,
 * since evenly spaced functions would all arrive together.
 *
 * A function's random stream is named after it, so leaving out a row does not move the others. A
 * function with several rows (one for each trigger, say) has a stream for each: with the same one their
 * arrivals would coincide.
 *
 * @throws InputError with the line of every problem
 */
export function beginAzureFunctions2019(options: ImportOptions = {}): TraceReader {
  const problems = new RowProblems(placeOf(options));
  const arrivals = new Arrivals(options);
  const range = binRange({ ...options, binUs: undefined }, ONE_MINUTE_US);
  const streamOf = streamsByFunction(options);
  let minutes = 0;
  const addRow = (row: TableRow) => {
    minutes ||= minutesOf(row);
    addFunction(row, { range, minutes, arrivals, problems, options, random: streamOf(row) });
  };
  const table = new TableText([[...NAME_COLUMNS, 'Trigger', '1']], addRow, problems, placeOf(options));
  return rowReader(table, problems, () => {
    return arrivals.toTrace('Azure Functions Trace 2019', { lastUs: minutes * range.binUs });
  });
}

const ONE_MINUTE_US = 60_000_000;
const NAME_COLUMNS = ['HashOwner', 'HashApp', 'HashFunction'] as const;
/** Position of the first minute's count: after owner, app, function and trigger. */
const FIRST_MINUTE = 4;

/** The random stream of a row: that of its function, from its second row on with the row's number. */
function streamsByFunction(options: ImportOptions): (row: TableRow) => Random {
  const streams = new RandomStreams(options.seed ?? 0);
  const rowsOf = new Map<string, number>();
  return (row) => {
    const names = NAME_COLUMNS.map((column) => row.get(column)).join('/');
    const rows = (rowsOf.get(names) ?? 0) + 1;
    rowsOf.set(names, rows);
    return streams.get(`azure-functions-2019/${names}${rows === 1 ? '' : `#${rows}`}`);
  };
}

/** How many minutes the table has: its columns may go on with others, a sum say. */
function minutesOf(row: TableRow): number {
  let minutes = 0;
  while (row.get(String(minutes + 1)) !== undefined) minutes++;
  return minutes;
}

interface FunctionRow {
  readonly range: BinRange;
  readonly minutes: number;
  readonly arrivals: Arrivals;
  readonly problems: RowProblems;
  readonly options: ImportOptions;
  readonly random: Random;
}

function addFunction(
  row: TableRow,
  { range, minutes, arrivals, problems, options, random }: FunctionRow,
): void {
  const tenant = tenantName(row, options);
  arrivals.tenant(tenant);
  const end = Math.min(range.to, minutes);
  for (let minute = range.from; minute < end; minute++) {
    const cell = row.cells[FIRST_MINUTE + minute] as string;
    const count = parseNumber(cell);
    if (!Number.isInteger(count) || count < 0) {
      problems.add({ line: row.line, path: String(minute + 1), what: `${quoteValue(cell)} is not a count` });
      return;
    }
    checkRequestCount(arrivals.count + count, options);
    const times = spreadCount(count, minute * range.binUs, range.binUs, options.spread ?? 'uniform', random);
    for (const us of times) arrivals.add(us, tenant);
  }
}

function tenantName(row: TableRow, options: ImportOptions): string {
  const [owner, app, func] = NAME_COLUMNS.map((column) => row.get(column)?.trim());
  if (options.tenantBy === 'owner') return `${owner}`;
  return options.tenantBy === 'app' ? `${owner}/${app}` : `${owner}/${app}/${func}`;
}
