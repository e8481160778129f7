import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { canonicalJson } from '../../report/canonical-json.js';
import { copyPlain, type PlainRecord } from '../../sweep/plain.js';
import { type SweepTable, sweepTable, tableLength, tableRow } from '../../sweep/sweep-table.js';
import { sweepTableToCsv } from '../../sweep/sweep-table-text.js';
import { writeFileAtomically, writeFolderAtomically } from '../atomic-write.js';
import { resolvePaths } from './base-scenario.js';
import { engine } from './engine.js';
import type { SweepPoint } from './point-checker.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { ResultStore } from './result-store.js';
import { sweepTableToParquet } from './sweep-parquet.js';

/** Where things lie in the folder of a sweep. */
export const SWEEP_FOLDER = {
  /** Results by address, which a later run takes up. */
  store: 'points',
  scenarios: 'scenarios',
  parquet: 'results.parquet',
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

/** Writes the results of a complete sweep beside its store: the same bytes, however they came about. */
export async function writeSweepFolder(
  folder: string,
  sweep: PreparedSweep,
  table: SweepTable,
): Promise<void> {
  const { name } = sweep.spec;
  const facts = { name, engine: engine(), axes: sweep.axes, points: sweep.points.length };
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, SWEEP_FOLDER.parquet), sweepTableToParquet(table, facts));
  await writeFileAtomically(join(folder, SWEEP_FOLDER.csv), sweepTableToCsv(table));
  await writeFileAtomically(join(folder, SWEEP_FOLDER.json), sweepTableToJson(table, facts));
  await copyFile(sweep.file, join(folder, SWEEP_FOLDER.source));
  await writeScenarios(folder, sweep.points);
  await new ResultStore(join(folder, SWEEP_FOLDER.store)).removeLeftovers();
}

/** The results as JSON: the facts and a list of rows. */
export function sweepTableToJson(table: SweepTable, facts: Readonly<Record<string, unknown>>): string {
  const rows = Array.from({ length: tableLength(table) }, (_, row) => tableRow(table, row));
  return canonicalJson({ ...facts, rows });
}

/** The scenario of each point as a file that can be simulated where it lies. */
async function writeScenarios(folder: string, points: readonly SweepPoint[]): Promise<void> {
  const target = join(folder, SWEEP_FOLDER.scenarios);
  await writeFolderAtomically(target, async (temporary) => {
    for (const point of points) {
      await writeFile(join(temporary, scenarioName(point)), scenarioText(point.document, target));
    }
  });
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
