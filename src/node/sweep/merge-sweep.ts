import { join } from 'node:path';
import { plural } from '../../base/plural.js';
import { LateInputError, type Problem } from '../../base/problem.js';
import type { SweepTable } from '../../sweep/sweep-table.js';
import { exists } from '../files/exists.js';
import { openSweepFolder } from './own-sweep.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { ResultStore } from './result-store.js';
import { collectTable, SWEEP_FOLDER, writeSweepFolder } from './sweep-folder.js';

/**
 * Puts the results of shards into one folder and writes them out as a whole sweep.
 * @throws InputError where `out` holds anything else; LateInputError where points are in none of the folders
 */
export async function mergeSweep(
  sweep: PreparedSweep,
  from: readonly string[],
  out: string,
): Promise<SweepTable> {
  await openSweepFolder(out);
  const target = new ResultStore(join(out, SWEEP_FOLDER.store));
  const sources = from.map((folder) => new ResultStore(join(folder, SWEEP_FOLDER.store)));
  const keys = new Set(sweep.points.map(({ key }) => key));
  const missing = new Set<string>();
  for (const key of keys) {
    if ((await target.get(key)) !== undefined) continue;
    const rows = await firstOf(sources, key);
    if (rows === undefined) missing.add(key);
    else await target.put(key, rows);
  }
  const table = missing.size === 0 ? await collectTable(sweep, target) : undefined;
  if (table === undefined) {
    await target.settle();
    const numbers = sweep.points.flatMap(({ key, number }) => (missing.has(key) ? [number] : []));
    const what = `${numbers.length} of ${sweep.points.length} points ${plural(numbers.length, 'is', 'are')} in none of the folders, the first is point ${numbers[0]}`;
    const remedy = 'run their shards, and merge again; what was found is kept';
    throw new LateInputError([{ file: sweep.file, what, remedy }, ...(await withoutResults(from))]);
  }
  await writeSweepFolder(out, sweep, table);
  return table;
}

/** A shard may have had nothing to do, so that this is a mistake only where points are missing. */
async function withoutResults(folders: readonly string[]): Promise<Problem[]> {
  const found = await Promise.all(folders.map((folder) => exists(join(folder, SWEEP_FOLDER.store))));
  return folders
    .filter((_, i) => !found[i])
    .map((file) => ({ file, what: 'there are no results of a sweep', remedy: 'name the folder of a shard' }));
}

async function firstOf(stores: readonly ResultStore[], key: string) {
  for (const store of stores) {
    const rows = await store.get(key);
    if (rows !== undefined) return rows;
  }
  return undefined;
}
