import { readFileSync } from 'node:fs';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';
import { groupRows, numberIn, type Row } from '../profiles/table.js';
import { BACKENDS, DEVICES, SOURCES, type Source } from './sources.js';

/** One online table of the source with the offline table of the same model on the same machine. */
export interface NvidiaTable {
  readonly name: string;
  readonly device: string;
  readonly isCnn: boolean;
  /** Inferences that make one unit of batch size here: the client batch of the online table. */
  readonly unit: number;
  /** One for each number of instances that the source gives: its tables do not always agree. */
  readonly setups: readonly SummarySetup[];
  readonly offline: readonly SummaryObservation[];
  readonly online: readonly SummaryObservation[];
}

const SET_UP = ['source_path', 'gpu', 'backend', 'accelerator', 'precision'];

/** Every online table that has an offline table, in the order of the file. */
export function readNvidiaTables(folder: string): readonly NvidiaTable[] {
  const offline = new Map(groups(`${folder}/triton_offline.csv`, 'client_batch'));
  return groups(`${folder}/triton_online.csv`, 'concurrency').flatMap(([key, rows]) => {
    const solo = offline.get(key);
    return solo === undefined ? [] : [nvidiaTable(rows, solo, key)];
  });
}

/** Rows by set-up; several tables of one set-up (other input data) are told apart by where `by` begins anew. */
function groups(file: string, by: string): readonly (readonly [string, readonly Row[]])[] {
  return groupRows(readRows(file), SET_UP).flatMap((rows) => {
    const tables: Row[][] = [];
    for (const row of rows) {
      const last = tables[tables.length - 1];
      const before = last?.[last.length - 1];
      if (before !== undefined && numberIn(row, by)! > numberIn(before, by)!) last!.push(row);
      else tables.push([row]);
    }
    const key = JSON.stringify(SET_UP.map((column) => rows[0]![column]));
    return tables.map((table, i): [string, Row[]] => [`${key} ${i}`, table]);
  });
}

function readRows(file: string): readonly Row[] {
  const rows: string[][] = [];
  forEachCsvRow(readFileSync(file, 'utf8'), { row: (cells) => rows.push(cells) }, { file });
  const [names, ...data] = rows;
  return data.map((cells) => Object.fromEntries(names!.map((name, i) => [name, cells[i]!.trim()])));
}

function nvidiaTable(rows: readonly Row[], solo: readonly Row[], key: string): NvidiaTable {
  const first = rows[0]!;
  const source = SOURCES[first['source_path']!.replace(/\/README\.md$/, '')]!;
  const unit = numberIn(first, 'client_batch')!;
  const device = DEVICES[first['gpu']!.replace(/ with FP\d+$/, '')]!;
  const name = `${modelName(first, source)}${key.endsWith(' 0') ? '' : '-table2'}`;
  const counts = new Set([first, solo[0]!].map((row) => numberIn(row, 'instances') ?? source.instances!));
  const mergesOutput = first['backend'] === 'PyTorch';
  return {
    name,
    device,
    isCnn: source.isCnn,
    unit,
    setups: [...counts].map((instances) => setup({ name, device, first, source, unit, instances })),
    offline: solo
      .filter((row) => numberIn(row, 'client_batch')! % unit === 0)
      .map((row) => observation(row, { concurrency: 1, unit, mergesOutput })),
    online: rows.map((row) =>
      observation(row, { concurrency: numberIn(row, 'concurrency')!, unit, mergesOutput }),
    ),
  };
}

function modelName(row: Row, { model }: Source): string {
  const accelerated = /TensorRT/.test(row['accelerator']!) ? 'trt' : undefined;
  const parts = [model, BACKENDS[row['backend']!], accelerated, row['precision']!.toLowerCase()];
  return parts.filter((part) => part !== undefined).join('-');
}

interface SetupParts {
  readonly name: string;
  readonly device: string;
  readonly first: Row;
  readonly source: Source;
  readonly unit: number;
  readonly instances: number;
}

function setup({ name, device, first, source, unit, instances }: SetupParts): SummarySetup {
  const maxBatchSize = (numberIn(first, 'max_batch') ?? source.maxBatchSize!) / unit;
  const preferred = source.preferredBatchSizes.map((size) => size / unit);
  return {
    model: name,
    device,
    instances,
    pipelined: first['backend'] === 'NVIDIA TensorRT',
    payload: { requestBytes: source.requestBytes, responseBytes: source.responseBytes },
    protocol: 'http',
    config: {
      name,
      platform: '',
      backend: BACKENDS[first['backend']!]!,
      maxBatchSize,
      inputs: [],
      outputs: [],
      instanceGroups: [],
      dynamicBatching: {
        preferredBatchSizes: preferred.length > 0 ? preferred : [maxBatchSize],
        maxQueueDelayUs: source.maxQueueDelayUs,
        preserveOrdering: false,
        priorityLevels: 0,
        defaultPriorityLevel: 0,
        defaultQueuePolicy: NO_QUEUE_POLICY,
        priorityQueuePolicy: new Map(),
      },
    },
  };
}

interface RowReading {
  readonly concurrency: number;
  readonly unit: number;
  /** PyTorch's backend returns before the GPU is done: what it calls output is mostly the wait for it. */
  readonly mergesOutput: boolean;
}

function observation(row: Row, { concurrency, unit, mergesOutput }: RowReading): SummaryObservation {
  const meanLatencyMs = numberIn(row, 'avg_ms')!;
  const infer = numberIn(row, 'compute_infer_ms');
  const percentilesMs = [50, 90, 95, 99].flatMap((percentile) => {
    const ms = numberIn(row, `p${percentile}_ms`);
    return ms === undefined ? [] : [{ percentile, ms }];
  });
  const requestBatch = numberIn(row, 'client_batch')! / unit;
  const common = {
    concurrency,
    requestBatch,
    inferencesPerS: numberIn(row, 'inf_per_s')! / unit,
    meanLatencyMs,
    percentilesMs,
  };
  if (infer === undefined) return common;
  const [queue, input, output] = ['queue_ms', 'compute_input_ms', 'compute_output_ms'].map(
    (column) => numberIn(row, column)!,
  ) as [number, number, number];
  const outside = Math.max(0, meanLatencyMs - queue - input - infer - output);
  const compute = mergesOutput ? { infer: infer + output, output: 0 } : { infer, output };
  return { ...common, splitMs: { outside, queue, input, ...compute } };
}
