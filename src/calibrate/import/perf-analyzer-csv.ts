import { RowProblems } from '../../trace/row-problems.js';
import {
  type ArrivalLaw,
  loadOf,
  type MetricRow,
  NumberReader,
  observationOfRow,
  readMetricRows,
  type SummaryRow,
} from './metric-rows.js';

export interface PerfAnalyzerOptions {
  readonly file?: string;
  /** Inferences of each request (perf_analyzer's `-b`), which the table does not say; default 1. */
  readonly requestBatch?: number;
  /** `--request-distribution` of request-rate mode; perf_analyzer's default is constant. */
  readonly arrivals?: ArrivalLaw;
}

/** Parts of a request's mean latency; together they are the whole (report_writer.cc). Microseconds. */
const PHASES = {
  queue: 'Server Queue',
  input: 'Server Compute Input',
  infer: 'Server Compute Infer',
  output: 'Server Compute Output',
} as const;
/** perf_client, before Triton 20.08, did not tell the phases of an execution apart. */
const WHOLE = 'Server Compute';
const OUTSIDE = ['Client Send', 'Network+Server Send/Recv', 'Client Recv'];
const PERCENTILES = [50, 90, 95, 99];

/**
 * Reads what perf_analyzer writes with `-f FILE`, also with `--verbose-csv` and `--collect-metrics`, in
 * concurrency and in request-rate mode. Its rows are sorted by throughput, its times are microseconds.
 *
 * @throws InputError with the problems of all lines
 */
export function readPerfAnalyzerCsv(text: string, options: PerfAnalyzerOptions = {}): SummaryRow[] {
  const { file } = options;
  const problems = new RowProblems(file === undefined ? {} : { file });
  const rows = readMetricRows(text, file, problems);
  if (rows.length === 0 && problems.count === 0) {
    problems.add({
      what: 'there are no results',
      remedy: 'give a CSV that perf_analyzer wrote with -f FILE',
    });
  }
  const read = rows.flatMap((row) => readRow(row, options, problems) ?? []);
  problems.throwIfAny();
  return read;
}

function readRow(
  row: MetricRow,
  options: PerfAnalyzerOptions,
  problems: RowProblems,
): SummaryRow | undefined {
  const { requestBatch = 1, arrivals = 'constant' } = options;
  const numbers = new NumberReader(row, problems);
  const load = loadOf(numbers, arrivals);
  const inferencesPerS = numbers.required('Inferences/Second');
  const phasesUs = phasesOf(row, numbers);
  const outsideUs = sumOf(OUTSIDE.map((column) => numbers.optional(column)));
  if ((numbers.optional('Server Cache Hit') ?? 0) > 0) {
    numbers.fail('Server Cache Hit', 'answers came from the response cache', 'measure with the cache off');
  }
  const meanUs = numbers.optional('Avg latency') ?? (phasesUs && outsideUs + sumOf(Object.values(phasesUs)));
  if (meanUs === undefined && load !== undefined && 'openLoop' in load) {
    numbers.fail('Avg latency', 'is missing, and so is the split', 'measure with --verbose-csv');
  }
  const percentilesMs = PERCENTILES.flatMap((percentile) => {
    const us = numbers.optional(`p${percentile} latency`);
    return us === undefined ? [] : [{ percentile, ms: us / 1000 }];
  });
  if (numbers.failed || load === undefined) return undefined;
  const phasesMs = phasesUs && {
    queue: phasesUs.queue / 1000,
    input: phasesUs.input / 1000,
    infer: phasesUs.infer / 1000,
    output: phasesUs.output / 1000,
  };
  const meanLatencyMs = meanUs === undefined ? undefined : meanUs / 1000;
  return {
    place: row.place,
    observation: observationOfRow({
      load,
      requestBatch,
      inferencesPerS,
      meanLatencyMs,
      phasesMs,
      percentilesMs,
    }),
  };
}

/** Undefined where the server's statistics were not read (another service kind, or no permission). */
function phasesOf(row: MetricRow, numbers: NumberReader) {
  const isWhole = row.text(WHOLE) !== undefined;
  const columns = isWhole ? [PHASES.queue] : Object.values(PHASES);
  const missing = columns.filter((column) => row.text(column) === undefined);
  if (missing.length === columns.length) return undefined;
  for (const column of missing) numbers.fail(column, 'is missing', 'keep the columns that the tool wrote');
  const us = (column: string) => numbers.optional(column) ?? 0;
  return {
    queue: us(PHASES.queue),
    input: us(PHASES.input),
    infer: us(isWhole ? WHOLE : PHASES.infer),
    output: us(PHASES.output),
  };
}

function sumOf(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
