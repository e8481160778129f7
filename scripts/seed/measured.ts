import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isStarted, writeFiles } from '../support/main.js';
import {
  NUMBER,
  orElse,
  type Row,
  type RowOf,
  readRowsOf,
  readTable,
  TEXT,
} from '../support/source-table.js';
import { fieldsCsv } from '../support/table.js';

const MEAN = orElse(NUMBER, Number.NaN);

const PASS = {
  test: NUMBER,
  /** `resnet50` or `inception-v3`. */
  model: TEXT,
  /** From 1, in order of time. */
  pass: NUMBER,
  requests: NUMBER,
  /** Rate the client was asked for, 1/s; what it offers is less (`offeredPerS`). */
  desiredPerS: NUMBER,
  completedPerS: NUMBER,
  ...{ p25Ms: NUMBER, p50Ms: NUMBER, p75Ms: NUMBER, p95Ms: NUMBER },
  /** Means over the pass, percent; NaN where they were not recorded. */
  ...{ gpu1BusyPercent: MEAN, gpu2BusyPercent: MEAN, hostBusyPercent: MEAN },
};

const FRONTIER = { gpu: TEXT, gpus: NUMBER, resnet50PerS: NUMBER, inceptionV3PerS: NUMBER };

/** One logged pass of a test: a client sends its images once at a fixed rate. */
export type MeasuredPass = RowOf<typeof PASS>;

/** A point of the paper's frontier figure: what one or two GPUs complete of both models together, 1/s. */
export type FrontierPoint = RowOf<typeof FRONTIER>;

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

/** Reads `measured.csv` and, if there is one, `frontier.csv` of a folder. */
export function readMeasured(folder: string): Measured {
  const frontier = join(folder, 'frontier.csv');
  return {
    passes: readRowsOf(join(folder, 'measured.csv'), PASS),
    frontier: existsSync(frontier) ? readRowsOf(frontier, FRONTIER) : [],
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

/** The text of `measured.csv` and of `frontier.csv`, by file. */
export function measuredFiles({ passes, frontier }: Measured): ReadonlyMap<string, string> {
  return new Map([
    ['measured.csv', fieldsCsv(passes, Object.keys(PASS) as (keyof MeasuredPass)[], orNothing)],
    ['frontier.csv', fieldsCsv(frontier, Object.keys(FRONTIER) as (keyof FrontierPoint)[], orNothing)],
  ]);
}

function orNothing(value: number): number | string {
  return Number.isNaN(value) ? '' : value;
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
  const number = (cell: string | undefined) =>
    cell === undefined || cell === '' ? Number.NaN : Number(cell);
  return {
    test: number(row['test']),
    model: MODELS[row['model']!]!,
    pass: number(row['pass']),
    requests: number(row['batches']),
    desiredPerS: number(row['desired_qps']),
    completedPerS: number(row['actual_qps']),
    p25Ms: number(row['p25_ms']),
    p50Ms: number(row['p50_ms']),
    p75Ms: number(row['p75_ms']),
    p95Ms: number(row['p95_ms']),
    gpu1BusyPercent: number(aligned['gpu1_util_pct']),
    gpu2BusyPercent: number(aligned['gpu2_util_pct']),
    hostBusyPercent: number(aligned['host_cpu_busy_pct']),
  };
}

/** `npx tsx scripts/seed/measured.ts [FOLDER]` writes both files anew. */
if (isStarted(import.meta.url))
  writeFiles(measuredFiles(measuredFromLogs(process.argv[2] ?? '../shared/data/seed')), 'calibration/seed');
