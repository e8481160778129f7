import { join, resolve } from 'node:path';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { parsedJson } from '../../base/json.js';
import { InputError } from '../../base/problem.js';
import { FACT_COLUMNS } from '../../diff/diff-sweeps.js';
import { FIGURE_COLUMNS } from '../../diff/sweep-figures.js';
import { matchSweeps, POINT_COLUMNS, type SweepSnapshot } from '../../diff/sweep-points.js';
import { copyPlain, isRecord, type PlainRecord } from '../../sweep/plain.js';
import type { SweepCell } from '../../sweep/row.js';
import { parseSweepSpec, type SweepSpec, seedAxisOf } from '../../sweep/spec.js';
import { unreadable } from '../../trace/columnar.js';
import { checkParquetPages } from '../../trace/parquet/parquet-check.js';
import { exists } from '../files/exists.js';
import { readInput } from '../files/input-pieces.js';
import { readBoth } from '../files/read-both.js';
import { readTextIfPresent } from '../files/read-text.js';
import { renameFiles } from '../scenario/named-files.js';
import { SWEEP_FOLDER, scenarioName } from '../sweep/sweep-folder.js';

/** Whether a path is a folder that `perseus sweep` has written or begun, or the table of one. */
export async function isSweep(path: string): Promise<boolean> {
  if (path.endsWith('.parquet')) return true;
  const [table, store] = await Promise.all(
    [SWEEP_FOLDER.parquet, SWEEP_FOLDER.store].map((name) => exists(join(path, name))),
  );
  return table! || store!;
}

/**
 * Reads two sweeps to be compared: folders of `perseus sweep`, or their results.parquet.
 * @throws InputError with everything that is wrong in either
 */
export async function readSweeps(a: string, b: string): Promise<readonly [SweepSnapshot, SweepSnapshot]> {
  const read = await readBoth(a, b, readSweep);
  const [first, second] = [withSeedAxisOf(read[0], read[1]), withSeedAxisOf(read[1], read[0])];
  const { matched } = matchSweeps(first, second);
  const numberOf = (side: 'a' | 'b') => [...(matched[0]?.[side].bySeed.values() ?? [])][0]?.number;
  return [await withScenario(first, a, numberOf('a')), await withScenario(second, b, numberOf('b'))];
}

async function readSweep(path: string, name: string): Promise<SweepSnapshot> {
  const isTable = path.endsWith('.parquet');
  const file = isTable ? path : join(path, SWEEP_FOLDER.parquet);
  const { facts, columns } = await readTable(file);
  const spec = isTable ? undefined : await readSource(join(path, SWEEP_FOLDER.source));
  const seedAxis = seedAxisIn(facts.axes, spec);
  return {
    name,
    axes: facts.axes,
    columns,
    engine: facts.engine,
    ...(seedAxis === undefined ? {} : { seedAxis }),
    ...(spec === undefined ? {} : { spec }),
  };
}

interface Facts {
  readonly axes: readonly string[];
  readonly engine: string;
}

async function readTable(
  file: string,
): Promise<{ facts: Facts; columns: Map<string, readonly SweepCell[]> }> {
  const bytes = await readInput(file).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof InputError) throw error;
    const what =
      error.code === 'ENOENT' ? 'this sweep has no results yet' : `it cannot be read (${error.code})`;
    const remedy =
      error.code === 'ENOENT' ? 'run perseus sweep to its end, or merge its shards' : 'check the path';
    throw InputError.of(what, remedy, { file });
  });
  try {
    const buffer = new Uint8Array(bytes).buffer;
    const metadata = parquetMetadata(buffer);
    const facts = factsFrom(
      metadata.key_value_metadata?.find(({ key }) => key === 'perseus.sweep')?.value,
      file,
    );
    const names = parquetSchema(metadata).children.map((child) => child.element.name);
    const wanted = new Set([...POINT_COLUMNS, ...FIGURE_COLUMNS, ...FACT_COLUMNS, ...facts.axes]);
    const columns = names.filter((name) => wanted.has(name));
    const missing = [...POINT_COLUMNS, ...facts.axes].filter((name) => !columns.includes(name));
    if (missing.length > 0) throw new Error(`there is no column ${missing.join(', ')}`);
    const { compressors } = await import('hyparquet-compressors');
    checkParquetPages(buffer, metadata, columns, compressors);
    const rows = await parquetReadObjects({ file: buffer, metadata, columns, compressors });
    return { facts, columns: new Map(columns.map((name) => [name, rows.map((row) => cellOf(row[name]))])) };
  } catch (error) {
    // hyparquet throws whatever broken bytes make it trip over, so every error is the input's.
    throw unreadable('results of a sweep', error, { file });
  }
}

function factsFrom(text: string | undefined, file: string): Facts {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value['axes'])) {
    throw InputError.of('this table is no result of perseus sweep', 'name a folder that it wrote', { file });
  }
  return { axes: value['axes'].map(String), engine: String(value['engine'] ?? 'unknown') };
}

function cellOf(value: unknown): SweepCell {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? Number(value) : null;
}

/** The sweep file that lies beside the results; undefined where it does not, or is no longer one. */
async function readSource(file: string): Promise<SweepSpec | undefined> {
  const text = await readTextIfPresent(file);
  return text === undefined ? undefined : parseSweepSpec(text, { file }).value;
}

/** The axis of seeds among those of the results; without the sweep file the one of that name. */
function seedAxisIn(axes: readonly string[], spec: SweepSpec | undefined): string | undefined {
  const name = spec === undefined ? 'seed' : seedAxisOf(spec);
  return axes.find((axis) => axis === name);
}

/** A table without its sweep file does not say which axis is that of seeds; the other sweep may. */
function withSeedAxisOf(snapshot: SweepSnapshot, { spec, seedAxis }: SweepSnapshot): SweepSnapshot {
  const isTold = snapshot.spec !== undefined || spec === undefined || seedAxis === undefined;
  return isTold || !snapshot.axes.includes(seedAxis) ? snapshot : { ...snapshot, seedAxis };
}

/** With the scenario of a point, its paths made absolute so that they can be compared. */
async function withScenario(
  snapshot: SweepSnapshot,
  folder: string,
  number: number | undefined,
): Promise<SweepSnapshot> {
  if (number === undefined || folder.endsWith('.parquet')) return snapshot;
  const place = join(folder, SWEEP_FOLDER.scenarios);
  const text = await readTextIfPresent(join(place, scenarioName({ number })));
  const document = text === undefined ? undefined : recordIn(text);
  if (document === undefined) return snapshot;
  renameFiles(document, (path) => resolve(place, path));
  return { ...snapshot, scenario: document };
}

function recordIn(text: string): PlainRecord | undefined {
  const value = parsedJson(text);
  return isRecord(value) ? (copyPlain(value) as PlainRecord) : undefined;
}
