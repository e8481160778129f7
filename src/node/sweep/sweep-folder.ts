import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { tableToIPC } from 'apache-arrow';
import { canonicalJson } from '../../base/canonical-json.js';
import { given } from '../../base/given.js';
import { type SweepReport, sweepReport } from '../../report/sweep/sweep-report.js';
import { copyPlain, type PlainRecord } from '../../sweep/plain.js';
import { axisUnits, loadAxesOf, seedAxisOf } from '../../sweep/spec.js';
import {
  type SweepTable,
  sweepTable,
  sweepTableToCsv,
  tableLength,
  tableRow,
} from '../../sweep/sweep-table.js';
import { tableToParquet } from '../files/table-parquet.js';
import { syncPath } from '../output/create-file.js';
import { remove } from '../output/file-steps.js';
import { renameFiles } from '../scenario/named-files.js';
import { engine } from './engine.js';
import type { SweepPoint } from './point-checker.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { ResultStore } from './result-store.js';
import { removeLeftovers, writeSharedFile } from './shared-file.js';
import { sweepTableToArrow } from './sweep-arrow.js';

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
  const arrow = sweepTableToArrow(table, facts);
  const files = {
    parquet: tableToParquet(arrow),
    arrow: tableToIPC(arrow, 'file'),
    csv: sweepTableToCsv(table),
    json: sweepTableToJson(table, facts),
    html: page,
    source: await readFile(sweep.file),
  };
  for (const [name, content] of Object.entries(files))
    await writeSharedFile(join(folder, SWEEP_FOLDER[name as keyof typeof files]), content);
  await syncPath(folder);
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
export function reportOf({ spec, profileGuesses }: PreparedSweep, table: SweepTable): SweepReport {
  const { name, ask } = spec;
  const seedAxis = seedAxisOf(spec);
  return sweepReport(
    {
      name,
      ...(seedAxis === undefined ? {} : { seedAxis }),
      ...(ask === undefined ? {} : { ask }),
      ...given({ profileGuesses }),
      loadAxes: loadAxesOf(spec),
      units: axisUnits(spec),
    },
    table,
  );
}

/** The results as JSON: the facts and a list of rows. */
export function sweepTableToJson(table: SweepTable, facts: SweepFacts): string {
  const rows = Array.from({ length: tableLength(table) }, (_, row) => tableRow(table, row));
  return canonicalJson({ format: 'perseus-sweep/1', ...facts, rows }, ['format']);
}

/** The scenario of each point as a file that can be simulated where it lies, and none of points that are no more. */
async function writeScenarios(folder: string, points: readonly SweepPoint[]): Promise<void> {
  const target = join(folder, SWEEP_FOLDER.scenarios);
  const names = new Set(points.map(scenarioName));
  for (const point of points) {
    // Made of the sweep file again by every run: nothing is lost with them.
    await writeSharedFile(join(target, scenarioName(point)), scenarioText(point.document, target), {
      syncs: false,
    });
  }
  await removeLeftovers(target);
  for (const name of await readdir(target)) {
    if (/^\d{5,}\.json$/.test(name) && !names.has(name)) await remove(join(target, name));
  }
}

export function scenarioName({ number }: Pick<SweepPoint, 'number'>): string {
  return `${String(number).padStart(5, '0')}.json`;
}

function scenarioText(document: PlainRecord, folder: string): string {
  const moved = copyPlain(document) as PlainRecord;
  renameFiles(moved, (path) => relative(folder, path).split(sep).join('/'));
  return `${JSON.stringify(moved, null, 2)}\n`;
}
