import { ProblemList } from '../../src/base/problem.js';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import { PLAIN_BATCHING } from '../../src/scenario/model-config.js';
import { backendOf, deviceOf, setUpName } from '../profiles/source-names.js';
import { plainConfig } from '../support/made-scenario.js';
import {
  type Cell,
  groupRows,
  NOT_NEGATIVE,
  numberIn,
  POSITIVE,
  type Row,
  readRows,
  splitTables,
  WHOLE,
} from '../support/source-table.js';
import { type Source, sharedMemoryOf, sourceOf } from './sources.js';

/** One online table of the source with the offline table of the same model on the same machine. */
export interface NvidiaTable {
  readonly name: string;
  /** Where in the source the table is. */
  readonly page: string;
  readonly device: string;
  readonly family: string;
  readonly isCnn: boolean;
  /** Inferences that make one unit of batch size here: the client batch of the online table. */
  readonly unit: number;
  /** One for each number of instances that the source gives: its tables do not always agree. */
  readonly setups: readonly SummarySetup[];
  /** See {@link Source.countedRequests}. */
  readonly countedRequests?: number | undefined;
  readonly offline: readonly SummaryObservation[];
  /** The same as the file has it, of which a profile is made. */
  readonly offlineRows: readonly Row[];
  readonly online: readonly SummaryObservation[];
}

export interface NvidiaTables {
  /** Online tables with their offline table, in the order of the file. */
  readonly tables: readonly NvidiaTable[];
  /** Online tables of set-ups without an offline table: nothing can be predicted of them. */
  readonly withoutOffline: readonly string[];
}

export const OFFLINE = 'triton_offline.csv';
export const ONLINE = 'triton_online.csv';

/** @throws InputError when a file is not there or a row of it cannot be read, with all such rows */
export function readNvidiaTables(folder: string): NvidiaTables {
  const problems = new ProblemList();
  const read = (name: string, cells: Cells) =>
    readRows(`${folder}/${name}`, problems, checkOf(cells), [...SET_UP, ...Object.keys(cells)]);
  const solo = groups(read(OFFLINE, NEEDED), 'client_batch');
  const loops = groups(read(ONLINE, { ...NEEDED, concurrency: WHOLE }), 'concurrency');
  problems.throwIfAny();
  const offline = new Map(solo);
  return {
    tables: loops.flatMap(([key, rows]) => {
      const own = offline.get(key);
      return own === undefined ? [] : [nvidiaTable(rows, own, key)];
    }),
    withoutOffline: loops.filter(([key]) => !offline.has(key)).map(([key]) => key),
  };
}

const SET_UP = ['source_path', 'gpu', 'backend', 'accelerator', 'precision'];

/** Tables by their set-up and their number in it. */
function groups(rows: readonly Row[], by: string): readonly (readonly [string, readonly Row[]])[] {
  return groupRows(rows, SET_UP).flatMap((own) => {
    const key = JSON.stringify(SET_UP.map((column) => own[0]![column]));
    return splitTables(own, by).map((table, i) => [`${key} ${i}`, table] as const);
  });
}

type Cells = Readonly<Record<string, Cell<number>>>;

const NEEDED: Cells = { client_batch: WHOLE, inf_per_s: POSITIVE, avg_ms: POSITIVE };
const NUMBERS = /(_ms|_per_s|^max_batch|^instances)$/;
/** Where a row says one of them it says all. */
const SPLIT = ['queue_ms', 'compute_input_ms', 'compute_infer_ms', 'compute_output_ms'];
/** A latency that is told twice is one by a wrong unit beyond this factor; in NVIDIA's tables it is 1.4 at most. */
const FAR = 2;
/** Columns of {@link SET_UP} whose cells may be empty: not every model has them. */
const MAY_BE_EMPTY = ['accelerator'];

function checkOf(cells: Cells) {
  return (row: Row, wrong: (what: string, path: string) => void): void => {
    const isEmpty = (name: string) => (row[name] ?? '') === '';
    const mustBe = ({ read, wanted }: Cell<number>, name: string) => {
      if (read(row[name]!) === undefined) wrong(`is "${row[name]}"; ${wanted} belongs here`, name);
    };
    const needed = [...SET_UP.filter((name) => !MAY_BE_EMPTY.includes(name)), ...Object.keys(cells)];
    for (const name of needed.filter(isEmpty)) wrong('is empty', name);
    for (const name of Object.keys(row).filter((each) => !isEmpty(each)))
      if (cells[name] !== undefined) mustBe(cells[name], name);
      else if (NUMBERS.test(name)) mustBe(NOT_NEGATIVE, name);
    const told = (name: string) => Number(row[name] || 'NaN');
    // In a closed loop so many inferences are under way as the clients send at once.
    const clients = cells['concurrency'] === undefined ? 1 : told('concurrency');
    const latencyMs = (1000 * told('client_batch') * clients) / told('inf_per_s');
    const isFar = (ms: number) => ms > FAR * told('avg_ms') || told('avg_ms') > FAR * ms;
    if (isFar(latencyMs))
      wrong(`is ${row['avg_ms']} ms, and by inf_per_s ${latencyMs.toPrecision(3)} ms`, 'avg_ms');
    const parts = SPLIT.reduce((sum, name) => sum + told(name), 0);
    if (parts > FAR * told('avg_ms'))
      wrong(`is ${row['avg_ms']} ms, and its parts ${parts.toPrecision(3)} ms`, 'avg_ms');
    const lacking = SPLIT.filter(isEmpty);
    if (lacking.length < SPLIT.length)
      for (const name of lacking) wrong('is empty, and other parts of the latency are not', name);
  };
}

function nvidiaTable(rows: readonly Row[], solo: readonly Row[], key: string): NvidiaTable {
  const first = rows[0]!;
  const source = sourceOf(first);
  const unit = numberIn(first, 'client_batch')!;
  const name = `${setUpName(source.model, first)}${key.endsWith(' 0') ? '' : '-table2'}`;
  const counts = new Set([first, solo[0]!].map((row) => numberIn(row, 'instances') ?? source.instances ?? 1));
  // What the model takes at least is the largest batch of the offline table.
  const largest = Math.max(...solo.map((row) => numberIn(row, 'client_batch')!));
  const maxBatchSize = Math.max(1, (numberIn(first, 'max_batch') ?? source.maxBatchSize ?? largest) / unit);
  const setup = {
    model: name,
    device: deviceOf(first),
    takesTurns: first['backend'] === 'NVIDIA TensorRT',
    payload: { requestBytes: source.requestBytes * unit, responseBytes: source.responseBytes * unit },
    ...sharedMemoryOf(source),
    protocol: 'http' as const,
    config: {
      ...plainConfig(name, maxBatchSize),
      backend: backendOf(first),
      dynamicBatching: {
        ...PLAIN_BATCHING,
        preferredBatchSizes: preferredSizes(first, source, unit, maxBatchSize),
        maxQueueDelayUs: source.maxQueueDelayUs,
      },
    },
  };
  return {
    name,
    page: first['source_path']!,
    device: setup.device,
    family: source.family,
    isCnn: source.isCnn,
    unit,
    countedRequests: source.countedRequests,
    setups: [...counts].map((instances) => ({ ...setup, instances })),
    offlineRows: solo,
    offline: solo
      .filter((row) => numberIn(row, 'client_batch')! % unit === 0)
      .map((row) => observation(row, { concurrency: 1, unit })),
    online: rows.map((row) => observation(row, { concurrency: numberIn(row, 'concurrency')!, unit })),
  };
}

/** Those that the server can form; the largest where nothing is said. */
function preferredSizes(first: Row, source: Source, unit: number, largest: number): readonly number[] {
  const named = (first['preferred_batch'] ?? '').split(/\s+/).map(Number);
  const sizes = (source.preferredBatchSizes.length > 0 ? source.preferredBatchSizes : named)
    .map((size) => size / unit)
    .filter((size) => size >= 1 && size <= largest);
  return sizes.length > 0 ? sizes : [largest];
}

export function observation(
  row: Row,
  { concurrency, unit }: { readonly concurrency: number; readonly unit: number },
): SummaryObservation {
  const meanLatencyMs = numberIn(row, 'avg_ms')!;
  const infer = numberIn(row, 'compute_infer_ms');
  const common = {
    concurrency,
    requestBatch: numberIn(row, 'client_batch')! / unit,
    inferencesPerS: numberIn(row, 'inf_per_s')! / unit,
    meanLatencyMs,
    percentilesMs: [50, 90, 95, 99].flatMap((percentile) => {
      const ms = numberIn(row, `p${percentile}_ms`);
      return ms === undefined ? [] : [{ percentile, ms }];
    }),
  };
  if (infer === undefined) return common;
  const [queue, input, output] = ['queue_ms', 'compute_input_ms', 'compute_output_ms'].map(
    (column) => numberIn(row, column)!,
  ) as [number, number, number];
  const outside = Math.max(0, meanLatencyMs - queue - input - infer - output);
  // PyTorch's backend returns before the GPU is done: what it calls output is mostly the wait for it.
  const mergesOutput = row['backend'] === 'PyTorch';
  const compute = mergesOutput ? { infer: infer + output, output: 0 } : { infer, output };
  return { ...common, splitMs: { outside, queue, input, ...compute } };
}
