import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../src/base/problem.js';
import { type Row, readTable } from '../support/source-table.js';
import { csvText, tableOf } from '../support/table.js';

/** One logged pass of a test: a client sends its images once at a fixed rate. */
export interface MeasuredPass {
  readonly test: number;
  /** `resnet50` or `inception-v3`. */
  readonly model: string;
  /** From 1, in order of time. */
  readonly pass: number;
  readonly requests: number;
  /** Rate the client was asked for, 1/s; what it offers is less ({@link offeredPerS}). */
  readonly desiredPerS: number;
  readonly completedPerS: number;
  readonly p25Ms: number;
  readonly p50Ms: number;
  readonly p75Ms: number;
  readonly p95Ms: number;
  /** Means over the pass, percent; NaN where they were not recorded. */
  readonly gpu1BusyPercent: number;
  readonly gpu2BusyPercent: number;
  readonly hostBusyPercent: number;
}

/** A point of the paper's frontier figure: what one or two GPUs complete of both models together, 1/s. */
export interface FrontierPoint {
  readonly gpu: string;
  readonly gpus: number;
  readonly resnet50PerS: number;
  readonly inceptionV3PerS: number;
}

export interface Measured {
  readonly passes: readonly MeasuredPass[];
  readonly frontier: readonly FrontierPoint[];
}

export const QUANTILES = [
  { name: 'p25', field: 'p25Ms', probability: 0.25 },
  { name: 'p50', field: 'p50Ms', probability: 0.5 },
  { name: 'p75', field: 'p75Ms', probability: 0.75 },
  { name: 'p95', field: 'p95Ms', probability: 0.95 },
] as const;

const PASS_FIELDS = [
  ...(['test', 'model', 'pass', 'requests', 'desiredPerS', 'completedPerS'] as const),
  ...(['p25Ms', 'p50Ms', 'p75Ms', 'p95Ms'] as const),
  ...(['gpu1BusyPercent', 'gpu2BusyPercent', 'hostBusyPercent'] as const),
] satisfies (keyof MeasuredPass)[];
const FRONTIER_FIELDS = ['gpu', 'gpus', 'resnet50PerS', 'inceptionV3PerS'] as const;
const TEXT_FIELDS: ReadonlySet<string> = new Set(['model', 'gpu']);

/** Reads `measured.csv` and, if there is one, `frontier.csv` of a folder. */
export function readMeasured(folder: string): Measured {
  const frontier = join(folder, 'frontier.csv');
  return {
    passes: readFields<MeasuredPass>(join(folder, 'measured.csv'), PASS_FIELDS),
    frontier: existsSync(frontier) ? readFields<FrontierPoint>(frontier, FRONTIER_FIELDS) : [],
  };
}

/** The passes of one test and, where it has several clients, one model; in order of time. */
export function passesOf(
  passes: readonly MeasuredPass[],
  test: number,
  model?: string,
): readonly MeasuredPass[] {
  return passes.filter((pass) => pass.test === test && (model === undefined || pass.model === model));
}

function readFields<Value>(file: string, fields: readonly string[]): readonly Value[] {
  const rows = readTable(file);
  const missing = fields.filter((field) => rows[0]?.[field] === undefined);
  if (missing.length > 0) {
    const what = `no rows, or columns missing: ${missing.join(', ')}`;
    throw InputError.of(what, 'write it as in calibration/seed', { file });
  }
  const cell = (row: Row, field: string) => (TEXT_FIELDS.has(field) ? row[field] : numberOr(row[field]));
  return rows.map((row) => Object.fromEntries(fields.map((field) => [field, cell(row, field)])) as Value);
}

function numberOr(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

/** The text of `measured.csv` and of `frontier.csv`, by file. */
export function measuredFiles({ passes, frontier }: Measured): ReadonlyMap<string, string> {
  const text = <Value>(values: readonly Value[], fields: readonly (keyof Value & string)[]) => {
    const cell = (value: Value, field: keyof Value) =>
      Number.isNaN(value[field]) ? '' : String(value[field]);
    return csvText(
      tableOf(
        values,
        fields.map((field) => [field, (value) => cell(value, field)] as const),
      ),
    );
  };
  return new Map([
    ['measured.csv', text(passes, PASS_FIELDS)],
    ['frontier.csv', text(frontier, FRONTIER_FIELDS)],
  ]);
}

/** Models by the names that the seed's logs give them. */
const MODELS: Readonly<Record<string, string>> = {
  resnet50_netdef: 'resnet50',
  inception_graphdef: 'inception-v3',
};
const SETUPS: Readonly<Record<string, { gpu: string; gpus: number }>> = {
  one_p4: { gpu: 'Tesla P4', gpus: 1 },
  two_p4: { gpu: 'Tesla P4', gpus: 2 },
  one_t4: { gpu: 'Tesla T4', gpus: 1 },
  two_t4: { gpu: 'Tesla T4', gpus: 2 },
};

/** The seed's figures from the tables of its logs and of the paper's figure in `folder`. */
export function measuredFromLogs(folder: string): Measured {
  const keyOf = (row: Row) => `${row['test']} ${row['model']} ${row['pass']}`;
  const read = (name: string) => readTable(join(folder, name));
  const aligned = new Map(read('passes_aligned.csv').map((row) => [keyOf(row), row]));
  return {
    passes: read('passes.csv').map((row) => passOf(row, aligned.get(keyOf(row))!)),
    frontier: read('figure_frontier.csv').map((row) => ({
      ...SETUPS[row['config']!]!,
      resnet50PerS: Number(row['resnet50_qps']),
      inceptionV3PerS: Number(row['inception_v3_qps']),
    })),
  };
}

function passOf(row: Row, aligned: Row): MeasuredPass {
  return {
    test: numberOr(row['test']),
    model: MODELS[row['model']!]!,
    pass: numberOr(row['pass']),
    requests: numberOr(row['batches']),
    desiredPerS: numberOr(row['desired_qps']),
    completedPerS: numberOr(row['actual_qps']),
    p25Ms: numberOr(row['p25_ms']),
    p50Ms: numberOr(row['p50_ms']),
    p75Ms: numberOr(row['p75_ms']),
    p95Ms: numberOr(row['p95_ms']),
    gpu1BusyPercent: numberOr(aligned['gpu1_util_pct']),
    gpu2BusyPercent: numberOr(aligned['gpu2_util_pct']),
    hostBusyPercent: numberOr(aligned['host_cpu_busy_pct']),
  };
}

/** `npx tsx scripts/seed/measured.ts [FOLDER]` writes both files anew. */
if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) {
  const files = measuredFiles(measuredFromLogs(process.argv[2] ?? '../shared/data/seed'));
  for (const [name, text] of files) writeFileSync(join('calibration/seed', name), text);
}
