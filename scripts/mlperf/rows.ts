import { existsSync, readFileSync } from 'node:fs';
import { ProblemList } from '../../src/base/problem.js';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';

/** Figures of a Server run that are predicted, by the name of their column after `srv_`. */
export const METRICS = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;
export type Metric = (typeof METRICS)[number];

/** What is published of how the server was set up; absent = not published. */
export interface ServerSettings {
  readonly batchSize?: number;
  /** Executions that the harness runs side by side on a GPU. */
  readonly streams?: number;
  /** Batches that may be on their way to a GPU or on it. */
  readonly copyStreams?: number;
  readonly instances?: number;
  readonly maxQueueDelayUs?: number;
  readonly preferredBatchSizes: readonly number[];
  /** Whether the harness waits for a full batch; else it takes what is there. */
  readonly waitsForBatch: boolean;
}

/** One Server run with the other scenarios of the same system. */
export interface MlperfRow {
  readonly line: number;
  readonly round: string;
  readonly commit: string;
  readonly licence: string;
  readonly submitter: string;
  readonly system: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly harness: string;
  readonly benchmark: string;
  /** Latency that 99 % of the requests of a valid run are within. */
  readonly limitMs: number;
  readonly ratePerS: number;
  /** Samples per second of the Offline scenario. */
  readonly offlinePerS: number;
  /** The same of the one-GPU system that SingleStream and MultiStream are of. */
  readonly soloOfflinePerS?: number;
  /** Latency of one sample alone: median of SingleStream. */
  readonly singleMs: number;
  /** Median latency of a query of several samples: MultiStream. */
  readonly multi?: { readonly samples: number; readonly ms: number };
  readonly settings: ServerSettings;
  readonly serverPath: string;
  readonly measured: Readonly<Partial<Record<Metric, number>>>;
}

type Cells = Readonly<Record<string, string>>;

const TEXTS = ['round', 'commit', 'licence', 'submitter', 'system', 'gpu', 'harness', 'benchmark'] as const;
const NEEDED = ['gpus', 'limit_ms', 'server_qps', 'offline_per_s', 'ss_p50'] as const;
const OPTIONAL = [
  'ms_p50',
  'ms_samples',
  'cfg_gpu_batch_size',
  'cfg_gpu_inference_streams',
  'cfg_gpu_copy_streams',
  'cfg_instance_group_count',
  'solo_offline_per_s',
  ...METRICS.map((metric) => `srv_${metric}`),
] as const;
/** Those that may be nothing. */
const DELAYS = ['cfg_deque_timeout_usec', 'cfg_max_queue_delay_usec'] as const;
const FLAG = 'cfg_use_deque_limit';
const LIST = 'cfg_preferred_batch_size';
const REMEDY = 'correct the cell, or leave out the row';

/**
 * The rows of a file in the form of `mlperf_server.csv`.
 * @throws InputError with every line and field that cannot be used
 */
export function readMlperfRows(file: string): readonly MlperfRow[] {
  const problems = new ProblemList();
  if (!existsSync(file)) {
    problems.add({ file, what: 'there is no such file', remedy: 'name it with --data FILE' });
    problems.throwIfAny();
  }
  const lines: { readonly cells: readonly string[]; readonly line: number }[] = [];
  forEachCsvRow(readFileSync(file, 'utf8'), { row: (cells, line) => lines.push({ cells, line }) }, { file });
  const [head, ...data] = lines;
  const names = head?.cells.map((name) => name.trim()) ?? [];
  const wanted = [...TEXTS, ...NEEDED, ...OPTIONAL, ...DELAYS, FLAG, LIST, 'server_path'];
  for (const name of wanted.filter((each) => !names.includes(each)))
    problems.add({
      file,
      line: 1,
      path: name,
      what: 'there is no such column',
      remedy: 'add it to the head',
    });
  problems.throwIfAny();
  const rows = data.flatMap(({ cells, line }) => {
    if (cells.length !== names.length) {
      const what = `${cells.length} cells where the head has ${names.length}`;
      problems.add({ file, line, what, remedy: 'correct or leave out the row' });
      return [];
    }
    const row: Cells = Object.fromEntries(names.map((name, i) => [name, cells[i]!.trim()]));
    return readRow(row, { file, line }, problems) ?? [];
  });
  if (rows.length === 0 && problems.problems.length === 0) {
    problems.add({ file, what: 'holds no row', remedy: 'write rows below the head' });
  }
  problems.throwIfAny();
  return rows;
}

interface RowPlace {
  readonly file: string;
  readonly line: number;
}

function readRow(row: Cells, place: RowPlace, problems: ProblemList): MlperfRow | undefined {
  const wrong = (path: string, what: string) => problems.add({ ...place, path, what, remedy: REMEDY });
  for (const name of [...TEXTS, ...NEEDED]) if (row[name] === '') wrong(name, 'is empty');
  for (const name of [...NEEDED, ...OPTIONAL, ...DELAYS]) {
    const isDelay = (DELAYS as readonly string[]).includes(name);
    const text = row[name]!;
    if (text !== '' && !isUsable(text, isDelay))
      wrong(name, `is "${text}"; a number ${isDelay ? 'of 0 or more' : 'above 0'} belongs here`);
  }
  for (const name of ['gpus', 'cfg_gpu_batch_size', 'cfg_instance_group_count'])
    if (isUsable(row[name]!, false) && !Number.isInteger(Number(row[name])))
      wrong(name, `is "${row[name]}"; a whole number belongs here`);
  if (!['', 'True', 'False'].includes(row[FLAG]!))
    wrong(FLAG, `is "${row[FLAG]}"; write True, False or nothing`);
  if (row['ms_p50'] !== '' && row['ms_samples'] === '') wrong('ms_samples', 'is empty beside ms_p50');
  const preferred = listIn(row[LIST]!);
  if (preferred === undefined) wrong(LIST, `is "${row[LIST]}"; whole numbers belong here`);
  if (problems.problems.some(({ line }) => line === place.line)) return undefined;
  return rowOf(row, place.line, preferred ?? []);
}

function rowOf(row: Cells, line: number, preferredBatchSizes: readonly number[]): MlperfRow {
  const number = (name: string) => Number(row[name]);
  const given = <K extends string>(key: K, name: string) =>
    (row[name] === '' ? {} : { [key]: number(name) }) as { readonly [P in K]?: number };
  const text = (name: (typeof TEXTS)[number]) => row[name]!;
  // Triton's own delay where there is one; the harness gives Triton its own timeout otherwise.
  const delay = DELAYS.toReversed().find(
    (name) => row[name] !== '' && (isTritonHarness(text('harness')) || name === 'cfg_deque_timeout_usec'),
  );
  return {
    line,
    ...(Object.fromEntries(TEXTS.map((name) => [name, text(name)])) as Record<
      (typeof TEXTS)[number],
      string
    >),
    gpus: number('gpus'),
    limitMs: number('limit_ms'),
    ratePerS: number('server_qps'),
    offlinePerS: number('offline_per_s'),
    ...given('soloOfflinePerS', 'solo_offline_per_s'),
    singleMs: number('ss_p50'),
    ...(row['ms_p50'] !== '' && { multi: { samples: number('ms_samples'), ms: number('ms_p50') } }),
    settings: {
      ...given('batchSize', 'cfg_gpu_batch_size'),
      ...given('streams', 'cfg_gpu_inference_streams'),
      ...given('copyStreams', 'cfg_gpu_copy_streams'),
      ...given('instances', 'cfg_instance_group_count'),
      ...(delay !== undefined && { maxQueueDelayUs: number(delay) }),
      preferredBatchSizes,
      waitsForBatch: row[FLAG] === 'True',
    },
    serverPath: row['server_path']!,
    measured: Object.fromEntries(
      METRICS.flatMap((metric) => (row[`srv_${metric}`] === '' ? [] : [[metric, number(`srv_${metric}`)]])),
    ),
  };
}

function isUsable(text: string, mayBeZero: boolean): boolean {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && (mayBeZero ? value >= 0 : value > 0);
}

function listIn(text: string): readonly number[] | undefined {
  const parts = text.split(/[\s,;[\]]+/).filter((part) => part !== '');
  const values = parts.map(Number);
  return values.every((value) => Number.isInteger(value) && value > 0) ? values : undefined;
}

/** Whether Triton served the run; other harnesses batch by themselves. */
export function isTritonHarness(harness: string): boolean {
  return /triton/i.test(harness);
}

/** MIG slices on each GPU: `NVIDIA A30 (4x1g.6gb MIG)` has four; 1 without MIG. */
export function slicesPerGpu({ gpu }: Pick<MlperfRow, 'gpu'>): number {
  return Number(/\((\d+)x/.exec(gpu)?.[1] ?? 1);
}

/** Kind of the device as profiles name it, e.g. `A30` or `A30 MIG 1g.6gb`. */
export function deviceKind({ gpu }: Pick<MlperfRow, 'gpu'>): string {
  const slice = /\(\d+x(\S+) MIG\)/.exec(gpu)?.[1];
  return slice === undefined ? chipOf({ gpu }) : `${chipOf({ gpu })} MIG ${slice}`;
}

/** The GPU without its maker and without slices: what counts as one GPU where GPUs are left out. */
export function chipOf({ gpu }: Pick<MlperfRow, 'gpu'>): string {
  return gpu.replace(/\s*\(.*$/, '').replace(/^NVIDIA /, '');
}
