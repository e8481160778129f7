import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.js';
import { InputError } from '../../base/problem.js';
import { type SweepReport, sweepReport } from '../../report/sweep-report.js';
import { copyPlain, type PlainRecord } from '../../sweep/plain.js';
import { seedAxisOf } from '../../sweep/spec.js';
import { type SweepTable, sweepTable, tableLength, tableRow } from '../../sweep/sweep-table.js';
import { sweepTableToCsv } from '../../sweep/sweep-table-text.js';
import { requireFolderPlace } from '../output-places.js';
import { resolvePaths } from './base-scenario.js';
import { engine } from './engine.js';
import type { SweepPoint } from './point-checker.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { ResultStore } from './result-store.js';
import { removeLeftovers, writeSharedFile } from './shared-file.js';
import { sweepTableToArrow } from './sweep-arrow.js';
import { sweepTableToParquet } from './sweep-parquet.js';

/** Where things lie in the folder of a sweep. */
export const SWEEP_FOLDER = {
  /** Results by address, which a later run takes up. */
  store: 'points',
  scenarios: 'scenarios',
  parquet: 'results.parquet',
  arrow: 'results.arrow',
  csv: 'results.csv',
  json: 'results.json',
  html: 'report.html',
  source: 'sweep.yaml',
} as const;

/** The table of a sweep whose points are all in the store; undefined where some are missing. */
export async function collectTable(
  sweep: PreparedSweep,
  store: ResultStore,
): Promise<SweepTable | undefined> {
  const points = [];
  for (const { number, values, key } of sweep.points) {
    const rows = await store.get(key);
    if (rows === undefined) return undefined;
    points.push({ number, values, key, rows });
  }
  return sweepTable(sweep.axes, points);
}

/**
 * Makes sure that results may be put into a folder: it is not there, empty, or a sweep's.
 * @throws InputError when it holds anything else, or cannot be written
 */
export async function requireSweepFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    // What is wrong with a place where there is no folder is found below.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(error.code ?? '')) return [];
    throw error;
  });
  if (entries.length > 0 && !entries.includes(SWEEP_FOLDER.store))
    throw InputError.of(`${folder} exists and is no result of a sweep`, 'name another folder with --out');
  await requireFolderPlace('--out', folder);
}

/** Writes the results of a complete sweep beside its store: the same bytes, however they came about. */
export async function writeSweepFolder(
  folder: string,
  sweep: PreparedSweep,
  table: SweepTable,
): Promise<void> {
  const facts = factsOf(sweep);
  const { sweepToHtml } = await import('../../report/html/sweep-page.js');
  const page = sweepToHtml(reportOf(sweep, table), {
    scenarioHref: (point) => `${SWEEP_FOLDER.scenarios}/${scenarioName(point)}`,
  });
  await writeScenarios(folder, sweep.points);
  await writeSharedFile(join(folder, SWEEP_FOLDER.parquet), sweepTableToParquet(table, facts));
  await writeSharedFile(join(folder, SWEEP_FOLDER.arrow), sweepTableToArrow(table, facts));
  await writeSharedFile(join(folder, SWEEP_FOLDER.csv), sweepTableToCsv(table));
  await writeSharedFile(join(folder, SWEEP_FOLDER.json), sweepTableToJson(table, facts));
  await writeSharedFile(join(folder, SWEEP_FOLDER.html), page);
  await writeSharedFile(join(folder, SWEEP_FOLDER.source), await readFile(sweep.file));
  await removeLeftovers(folder);
  await new ResultStore(join(folder, SWEEP_FOLDER.store)).removeLeftovers();
}

/** What the results say of where they come from. */
export function factsOf({ spec, axes, points }: PreparedSweep): SweepFacts {
  return { name: spec.name, engine: engine(), axes, points: points.length };
}

export interface SweepFacts {
  readonly name: string;
  /** Program that simulated. */
  readonly engine: string;
  readonly axes: readonly string[];
  readonly points: number;
}

/** The results point by point, as reports show them. */
export function reportOf({ spec }: PreparedSweep, table: SweepTable): SweepReport {
  const seedAxis = seedAxisOf(spec);
  return sweepReport({ name: spec.name, ...(seedAxis === undefined ? {} : { seedAxis }) }, table);
}

/** The results as JSON: the facts and a list of rows. */
export function sweepTableToJson(table: SweepTable, facts: SweepFacts): string {
  const rows = Array.from({ length: tableLength(table) }, (_, row) => tableRow(table, row));
  return canonicalJson({ ...facts, rows });
}

/** The scenario of each point as a file that can be simulated where it lies, and no others. */
async function writeScenarios(folder: string, points: readonly SweepPoint[]): Promise<void> {
  const target = join(folder, SWEEP_FOLDER.scenarios);
  const names = new Set(points.map(scenarioName));
  for (const point of points) {
    await writeSharedFile(join(target, scenarioName(point)), scenarioText(point.document, target));
  }
  await removeLeftovers(target);
  for (const name of await readdir(target)) {
    if (!names.has(name) && !name.endsWith('.tmp')) await rm(join(target, name), { force: true });
  }
}

/** Name of a point's scenario in the folder of scenarios. */
export function scenarioName({ number }: Pick<SweepPoint, 'number'>): string {
  return `${String(number).padStart(5, '0')}.json`;
}

function scenarioText(document: PlainRecord, folder: string): string {
  const moved = copyPlain(document) as PlainRecord;
  resolvePaths(moved, (path) => relative(folder, path).split(sep).join('/'));
  return `${JSON.stringify(moved, null, 2)}\n`;
}
