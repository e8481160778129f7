import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FrontierPoint, formatFrontier, formatPasses, type MeasuredPass, parseCsv } from './measured.js';

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

/** The text of the files in `calibration/seed` that hold the seed's figures, from its tables in `folder`. */
export function buildMeasured(folder: string): ReadonlyMap<string, string> {
  const read = (name: string) => parseCsv(readFileSync(join(folder, name), 'utf8'));
  const aligned = new Map(read('passes_aligned.csv').map((row) => [keyOf(row), row]));
  const passes = read('passes.csv').map((row) => passOf(row, aligned.get(keyOf(row))!));
  const frontier = read('figure_frontier.csv').map(frontierPoint);
  return new Map([
    ['measured.csv', formatPasses(passes)],
    ['frontier.csv', formatFrontier(frontier)],
  ]);
}

type Row = Readonly<Record<string, string>>;

function keyOf(row: Row): string {
  return `${row.test} ${row.model} ${row.pass}`;
}

function passOf(row: Row, aligned: Row): MeasuredPass {
  const number = (text: string | undefined) =>
    text === undefined || text === '' ? Number.NaN : Number(text);
  return {
    test: number(row.test),
    model: MODELS[row.model!]!,
    pass: number(row.pass),
    requests: number(row.batches),
    desiredPerS: number(row.desired_qps),
    completedPerS: number(row.actual_qps),
    p25Ms: number(row.p25_ms),
    p50Ms: number(row.p50_ms),
    p75Ms: number(row.p75_ms),
    p95Ms: number(row.p95_ms),
    gpu1BusyPercent: number(aligned.gpu1_util_pct),
    gpu2BusyPercent: number(aligned.gpu2_util_pct),
    hostBusyPercent: number(aligned.host_cpu_busy_pct),
  };
}

function frontierPoint(row: Row): FrontierPoint {
  return {
    ...SETUPS[row.config!]!,
    resnet50PerS: Number(row.resnet50_qps),
    inceptionV3PerS: Number(row.inception_v3_qps),
  };
}

function main(): void {
  for (const [name, text] of buildMeasured(process.argv[2] ?? '../shared/data/seed')) {
    writeFileSync(join('calibration/seed', name), text);
  }
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) main();
