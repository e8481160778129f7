import { groupBy } from '../../base/group-by.js';
import { quoteValue } from '../../trace/row-problems.js';
import {
  type ArrivalLaw,
  loadOf,
  type MetricRow,
  type NumberReader,
  observationOfRow,
  readMetricRows,
  type SummaryRow,
} from './metric-rows.js';

export interface ModelAnalyzerOptions {
  readonly file?: string;
  /** How requests were sent in request-rate mode; perf_analyzer's default is constant. */
  readonly arrivals?: ArrivalLaw;
}

/** The rows of one configuration that Model Analyzer tried. */
export interface ModelAnalyzerVariant {
  readonly model: string;
  /** Its name, e.g. `resnet50_config_3`; a folder of this name holds its config.pbtxt. */
  readonly variant: string;
  readonly instances: number;
  readonly kind: 'GPU' | 'CPU';
  /** Undefined where the table has no such column. */
  readonly maxBatchSize: number | undefined;
  readonly rows: readonly SummaryRow[];
}

const PHASES = {
  queue: 'Server Queue time (ms)',
  input: 'Server Compute Input time (ms)',
  infer: 'Server Compute Infer time (ms)',
  output: 'Server Compute Output time (ms)',
} as const;

/**
 * Reads Model Analyzer's `metrics-model-inference.csv`: which columns it has was chosen with
 * `inference_output_fields`; needed are model, batch, load and throughput. By default it has neither the mean
 * latency, which then follows from clients and throughput, nor the server's split.
 *
 * @returns configurations in the order of the file, which is best first
 * @throws InputError with the problems of all lines
 */
export function readModelAnalyzerCsv(
  text: string,
  options: ModelAnalyzerOptions = {},
): ModelAnalyzerVariant[] {
  const rows = readMetricRows(text, { file: options.file, tool: TABLE }, (row, numbers) =>
    readRow(row, options, numbers),
  );
  return [...groupBy(rows, ({ facts }) => JSON.stringify(facts)).values()].map((group) => ({
    ...group[0]!.facts,
    rows: group.map(({ summary }) => summary),
  }));
}

const TABLE = "Model Analyzer's metrics-model-inference.csv";

function readRow(row: MetricRow, { arrivals = 'constant' }: ModelAnalyzerOptions, numbers: NumberReader) {
  const model = modelOf(row, numbers);
  // Its other cells are lists as well, of which nothing else is to be told.
  if (model.includes(',')) return undefined;
  const load = loadOf(numbers, arrivals);
  const requestBatch = numbers.optional('Batch', 1) ?? 1;
  const inferencesPerS = numbers.required('Throughput (infer/sec)');
  const meanLatency = numbers.optional('Avg Latency (ms)');
  if (meanLatency === undefined && load !== undefined && 'openLoop' in load) {
    numbers.fail('Avg Latency (ms)', 'is missing', 'add perf_latency_avg to inference_output_fields');
  }
  const phases = phasesOf(row, numbers);
  const percentiles = numbers.percentiles([90, 95, 99], (percent) => `p${percent} Latency (ms)`);
  const facts = {
    model,
    variant: row.text('Model Config Path') ?? model,
    ...instancesOf(row, numbers),
    maxBatchSize: numbers.optional('Max Batch Size'),
  };
  if (numbers.failed || load === undefined) return undefined;
  const figures = { perMs: 1, load, requestBatch, inferencesPerS, meanLatency, phases, percentiles };
  return { facts, summary: { place: row.place, observation: observationOfRow(figures) } };
}

function modelOf(row: MetricRow, numbers: NumberReader): string {
  const model = row.text('Model') ?? '';
  if (model === '') numbers.fail('Model', 'is missing', `give ${TABLE}`);
  if (model.includes(',')) {
    numbers.fail(
      'Model',
      `${quoteValue(model)} ran at once`,
      'profile one model at a time, or leave out the row',
    );
  }
  return model;
}

/** `1:GPU`, in older releases `1/GPU`; several groups are added up. KIND_AUTO and KIND_MODEL are AUTO and MODEL there. */
function instancesOf(
  row: MetricRow,
  numbers: NumberReader,
): Pick<ModelAnalyzerVariant, 'instances' | 'kind'> {
  const cell = row.text('Instance Group') ?? '1:GPU';
  const groups = cell.split('+').map((group) => /^\s*(\d+)\s*[:/]\s*(GPU|CPU|AUTO|MODEL)\s*$/i.exec(group));
  const kinds = new Set(groups.map((group) => group?.[2]?.toUpperCase()));
  const instances = groups.reduce((sum, group) => sum + Number(group?.[1] ?? Number.NaN), 0);
  if (kinds.size === 1 && instances >= 1) return { instances, kind: kinds.has('CPU') ? 'CPU' : 'GPU' };
  numbers.fail('Instance Group', `${quoteValue(cell)} is not read`, 'write a count and a kind, e.g. 2:GPU');
  return { instances: 1, kind: 'GPU' };
}

/** Undefined where one of them was not asked for: the others do not say where the rest of the latency went. */
function phasesOf(row: MetricRow, numbers: NumberReader) {
  if (Object.values(PHASES).some((column) => row.text(column) === undefined)) return undefined;
  return numbers.phases(PHASES);
}
