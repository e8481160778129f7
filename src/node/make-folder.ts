import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../base/problem.js';
import { isFolder } from './exists.js';

/**
 * Makes a folder and those above it, where there is none. Node's own way tries for ever where a file system takes no
 * folders and says that something is missing, as /proc does.
 * @throws InputError there
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  // Whether or not the one above was missing a moment ago, somebody else may have made it meanwhile: only now, with it
  // there, does a refusal say something about the place.
  if (!(await isMade(path)))
    throw InputError.of('no folder can be made here', 'write elsewhere', { file: path });
}

/** Makes one folder; false where something above it is missing. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (await isFolder(path)) return true;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
