import { NUMBER, oneOf, orElse, type RowOf, readRowsOf, TEXT, WHOLE } from '../support/source-table.js';
import { fieldsCsv, sixDigits } from '../support/table.js';
import { MODELS } from './cases.js';

const FIGURE = orElse(NUMBER, Number.NaN);

const COLUMNS = {
  ...{
    name: TEXT,
    model: oneOf(Object.fromEntries(MODELS.map(({ name }) => [name, name]))),
    clients: WHOLE,
    run: NUMBER,
    requests: NUMBER,
    throughputPerS: FIGURE,
  },
  /** Inferences per execution, as the server counts them. */
  meanBatch: FIGURE,
  ...{ meanMs: FIGURE, p50Ms: FIGURE, p95Ms: FIGURE, p99Ms: FIGURE },
  /** Mean time of an execution with its inputs and outputs, as the server counts it. */
  executionMs: FIGURE,
  /** From one answer to the next, where they come less than a millisecond apart: mean, and its coefficient of variation. */
  ...{ answerGapUs: FIGURE, answerGapCv: FIGURE },
  /** Longest time for which nothing ran on the machine. */
  longestStallMs: FIGURE,
};

/** What perf_analyzer and the server said of one run of a case. */
export type MeasuredRow = RowOf<typeof COLUMNS>;

export function measuredText(rows: readonly MeasuredRow[]): string {
  return fieldsCsv(rows, Object.keys(COLUMNS) as (keyof MeasuredRow)[], sixDigits);
}

/** @throws InputError where the file is not there or is no table of such rows */
export function readMeasured(file: string): readonly MeasuredRow[] {
  return readRowsOf(file, COLUMNS);
}
