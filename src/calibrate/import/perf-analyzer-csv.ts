import {
  type ArrivalLaw,
  loadOf,
  type MetricRow,
  type NumberReader,
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
  const table = { file: options.file, tool: 'a CSV that perf_analyzer wrote with -f FILE' };
  return readMetricRows(text, table, (row, numbers) => readRow(row, options, numbers));
}

function readRow(
  row: MetricRow,
  { requestBatch = 1, arrivals = 'constant' }: PerfAnalyzerOptions,
  numbers: NumberReader,
): SummaryRow | undefined {
  const load = loadOf(numbers, arrivals);
  const inferencesPerS = numbers.required('Inferences/Second');
  const phases = phasesOf(row, numbers);
  const outsideUs = sumOf(OUTSIDE.map((column) => numbers.optional(column)));
  if ((numbers.optional('Server Cache Hit') ?? 0) > 0) {
    numbers.fail('Server Cache Hit', 'answers came from the response cache', 'measure with the cache off');
  }
  const meanLatency = numbers.optional('Avg latency') ?? (phases && outsideUs + sumOf(Object.values(phases)));
  if (meanLatency === undefined && load !== undefined && 'openLoop' in load) {
    numbers.fail('Avg latency', 'is missing, and so is the split', 'measure with --verbose-csv');
  }
  const percentiles = numbers.percentiles(PERCENTILES, (percent) => `p${percent} latency`);
  if (numbers.failed || load === undefined) return undefined;
  const figures = { perMs: 1000, load, requestBatch, inferencesPerS, meanLatency, phases, percentiles };
  return { place: row.place, observation: observationOfRow(figures) };
}

/** Undefined where the server's statistics were not read (another service kind, or no permission). */
function phasesOf(row: MetricRow, numbers: NumberReader) {
  const isWhole = row.text(WHOLE) !== undefined;
  const columns = isWhole ? [PHASES.queue] : Object.values(PHASES);
  const missing = columns.filter((column) => row.text(column) === undefined);
  if (missing.length === columns.length) return undefined;
  for (const column of missing) numbers.fail(column, 'is missing', 'keep the columns that the tool wrote');
  return numbers.phases(isWhole ? { ...PHASES, infer: WHOLE } : PHASES);
}

function sumOf(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
