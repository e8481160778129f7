import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.js';

/** A file under a temporary name that is older belongs to nobody any more. */
const LEFTOVER_AFTER_MS = 60_000;

/**
 * Writes a file whole or not at all into a folder that several processes and machines may be writing to: the
 * temporary name is nobody else's. Nothing watches for Ctrl-C meanwhile, as a leftover does no harm.
 */
export async function writeSharedFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  await makeFolder(dirname(path));
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    // On a full disk what there is of it would take the place that is missing.
    await rm(temporary, { force: true }).catch(() => {});
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

/** Removes what killed processes left under temporary names, but not what someone may still be writing. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith('.') && one.endsWith('.tmp'))) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || Date.now() - info.mtimeMs < LEFTOVER_AFTER_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}
