import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.js';
import { ROW_COLUMNS, type SweepRow } from '../../sweep/row.js';
import { rowSchema } from '../../sweep/row-schema.js';
import { makeFolder } from '../files/make-folder.js';
import { LaterSyncs } from '../output/later-syncs.js';
import { removeLeftovers, writeSharedFile } from './shared-file.js';

/**
 * Results by the addresses of their points, a file for each: it is there whole or not at all, so that
 * a sweep may be killed at any moment, and many processes may fill the same folder.
 */
export class ResultStore {
  readonly #folder: string;
  readonly #syncs = new LaterSyncs();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(key: string, rows: readonly SweepRow[]): Promise<void> {
    const path = this.#path(key);
    const folders = await writeSharedFile(path, canonicalJson({ key, rows }), { syncs: false });
    this.#syncs.add(path, folders);
  }

  /** Waits until the disk holds all that was put here. */
  settle(): Promise<void> {
    return this.#syncs.settle();
  }

  /** The rows of a point; undefined where it was not simulated yet, or its file is damaged. */
  async get(key: string): Promise<readonly SweepRow[] | undefined> {
    try {
      return rowsOf(JSON.parse(await readFile(this.#path(key), 'utf8')), key);
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
        return undefined;
      throw error;
    }
  }

  async has(keys: Iterable<string>): Promise<Set<string>> {
    const found = new Set<string>();
    for (const key of keys) if ((await this.get(key)) !== undefined) found.add(key);
    return found;
  }

  /** Removes what processes left behind that were killed while they wrote; others may be writing now. */
  async removeLeftovers(): Promise<void> {
    await makeFolder(this.#folder);
    for (const folder of await readdir(this.#folder)) await removeLeftovers(join(this.#folder, folder));
  }

  /** A folder for each two first digits, as no folder should have a hundred thousand entries. */
  #path(key: string): string {
    return join(this.#folder, key.slice(0, 2), `${key}.json`);
  }
}

/** Cells in the order of the columns: a file's keys are sorted, and a table's are not. */
function rowsOf(value: unknown, key: string): readonly SweepRow[] | undefined {
  const { key: stored, rows } = (value ?? {}) as { key?: unknown; rows?: unknown };
  if (stored !== key || !Array.isArray(rows) || rows.length === 0) return undefined;
  const whole = rows.map((row: SweepRow | null) =>
    Object.fromEntries(ROW_COLUMNS.map(({ name }) => [name, row?.[name] ?? null])),
  );
  return whole.every((row) => rowSchema.safeParse(row).success) ? whole : undefined;
}
