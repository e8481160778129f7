import { dirname } from 'node:path';
import { InputError } from '../../base/problem.js';
import { makeOneFolder } from '../output/file-steps.js';
import { isFolder } from './exists.js';

/**
 * Makes a folder and those above it, where there is none. Node's own way tries for ever where a file system takes no
 * folders and says that something is missing, as /proc does.
 * @returns the folders in which one was made
 * @throws InputError there
 */
export async function makeFolder(path: string): Promise<string[]> {
  const above = dirname(path);
  const first = await makeOne(path);
  if (first === 'made') return [above];
  if (first === 'was there') return [];
  const changed = above === path ? [] : await makeFolder(above);
  // Whether or not the one above was missing a moment ago, somebody else may have made it meanwhile: only now, with it
  // there, does a refusal say something about the place.
  if ((await makeOne(path)) === 'nothing above')
    throw InputError.of('no folder can be made here', 'write elsewhere', { file: path });
  return [...changed, above];
}

async function makeOne(path: string): Promise<'made' | 'was there' | 'nothing above'> {
  try {
    await makeOneFolder(path);
    return 'made';
  } catch (error) {
    if (await isFolder(path)) return 'was there';
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing above';
    throw error;
  }
}
