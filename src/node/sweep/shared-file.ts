import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import { type Content, type CreateOptions, createFile } from '../output/create-file.js';
import { remove, rename } from '../output/file-steps.js';
import { isTemporaryName, temporaryName } from '../output/temporary-name.js';

/** A file under a temporary name that is older belongs to nobody any more. */
const LEFTOVER_AFTER_MS = 60_000;

/**
 * Writes a file whole or not at all into a folder that several processes and machines may be writing to: the
 * temporary name is nobody else's. Nothing watches for Ctrl-C meanwhile, as a leftover does no harm.
 * @returns the folders in which names are new: they last once these are synced
 */
export async function writeSharedFile(
  path: string,
  content: Content,
  options?: CreateOptions,
): Promise<readonly string[]> {
  const temporary = temporaryName(path);
  const changed = await makeFolder(dirname(path));
  try {
    await createFile(temporary, content, options);
    await rename(temporary, path);
  } catch (error) {
    // On a full disk what there is of it would take the place that is missing.
    await remove(temporary).catch(() => {});
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
  return [dirname(path), ...changed];
}

/** Removes what killed processes left under temporary names, but not what someone may still be writing. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporaryName)) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || Date.now() - info.mtimeMs < LEFTOVER_AFTER_MS) continue;
    await remove(path);
  }
}
