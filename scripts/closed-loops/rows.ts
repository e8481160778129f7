import { numberIn, type Row, readTable } from '../support/source-table.js';
import { fieldsCsv, sixDigits } from '../support/table.js';

/** What perf_analyzer and the server said of one run of a case. */
export interface MeasuredRow {
  readonly name: string;
  readonly model: string;
  readonly clients: number;
  readonly run: number;
  readonly requests: number;
  readonly throughputPerS: number;
  /** Inferences per execution, as the server counts them. */
  readonly meanBatch: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Mean time of an execution with its inputs and outputs, as the server counts it. */
  readonly executionMs: number;
  /** From one answer to the next, where they come less than a millisecond apart: mean, and its coefficient of variation. */
  readonly answerGapUs: number;
  readonly answerGapCv: number;
  /** Longest time for which nothing ran on the machine. */
  readonly longestStallMs: number;
}

const NUMBERS = [
  'clients',
  'run',
  'requests',
  'throughputPerS',
  'meanBatch',
  'meanMs',
  'p50Ms',
  'p95Ms',
  'p99Ms',
  'executionMs',
  'answerGapUs',
  'answerGapCv',
  'longestStallMs',
] as const satisfies readonly (keyof MeasuredRow)[];

export function measuredText(rows: readonly MeasuredRow[]): string {
  return fieldsCsv(rows, ['name', 'model', ...NUMBERS], sixDigits);
}

/** @throws InputError where the file is not there or is no table of such rows */
export function readMeasured(file: string): MeasuredRow[] {
  return readTable(file).map(
    (row: Row) =>
      ({
        name: row['name'],
        model: row['model'],
        ...Object.fromEntries(NUMBERS.map((column) => [column, numberIn(row, column) ?? Number.NaN])),
      }) as unknown as MeasuredRow,
  );
}
