import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../../src/base/problem.js';

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
  'test',
  'model',
  'pass',
  'requests',
  'desiredPerS',
  'completedPerS',
  'p25Ms',
  'p50Ms',
  'p75Ms',
  'p95Ms',
  'gpu1BusyPercent',
  'gpu2BusyPercent',
  'hostBusyPercent',
] as const satisfies readonly (keyof MeasuredPass)[];
const FRONTIER_FIELDS = [
  'gpu',
  'gpus',
  'resnet50PerS',
  'inceptionV3PerS',
] as const satisfies readonly (keyof FrontierPoint)[];
const TEXT_FIELDS: ReadonlySet<string> = new Set(['model', 'gpu']);

/** Reads `measured.csv` and, if there is one, `frontier.csv` of a folder. */
export function readMeasured(folder: string): Measured {
  return {
    passes: readTable<MeasuredPass>(`${folder}/measured.csv`, PASS_FIELDS),
    frontier: existsSync(`${folder}/frontier.csv`)
      ? readTable<FrontierPoint>(`${folder}/frontier.csv`, FRONTIER_FIELDS)
      : [],
  };
}

/** The text of `measured.csv`. */
export function formatPasses(passes: readonly MeasuredPass[]): string {
  return formatTable(PASS_FIELDS, passes);
}

/** The text of `frontier.csv`. */
export function formatFrontier(points: readonly FrontierPoint[]): string {
  return formatTable(FRONTIER_FIELDS, points);
}

/** The passes of one test and, where it has several clients, one model; in order of time. */
export function passesOf(
  passes: readonly MeasuredPass[],
  test: number,
  model?: string,
): readonly MeasuredPass[] {
  return passes.filter((pass) => pass.test === test && (model === undefined || pass.model === model));
}

function formatTable<Row>(fields: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  const lines = rows.map((row) => fields.map((field) => formatCell(row[field])).join(','));
  return `${[fields.join(','), ...lines].join('\n')}\n`;
}

function formatCell(value: unknown): string {
  return Number.isNaN(value) ? '' : String(value);
}

function readTable<Row>(file: string, fields: readonly string[]): readonly Row[] {
  const rows = parseCsv(readFileSync(file, 'utf8'));
  const missing = fields.filter((field) => rows[0]?.[field] === undefined);
  if (missing.length > 0) {
    const what = `no rows, or columns missing: ${missing.join(', ')}`;
    throw InputError.of(what, 'write it as in calibration/seed', { file });
  }
  return rows.map(
    (row) => Object.fromEntries(fields.map((field) => [field, readCell(field, row[field]!)])) as Row,
  );
}

function readCell(field: string, text: string): string | number {
  if (TEXT_FIELDS.has(field)) return text;
  return text === '' ? Number.NaN : Number(text);
}

/** Rows of a CSV text without quoted cells, by column name. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [head, ...lines] = text.trim().split('\n');
  const names = head!.trim().split(',');
  return lines.map((line) => {
    const cells = line.trim().split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}
