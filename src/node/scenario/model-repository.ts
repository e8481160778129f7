import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/problem.js';
import { isFolder } from '../files/exists.js';

/**
 * Names of the folders in a model repository, or in the folder of one of its models; hidden ones are none.
 * @throws InputError when it cannot be read
 */
export async function foldersIn(path: string): Promise<string[]> {
  const entries = await entriesIn(path);
  const areFolders = await Promise.all(entries.map((name) => isFolder(join(path, name))));
  return entries.filter((_, i) => areFolders[i]);
}

/** The same of files and folders. */
export async function entriesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path);
    return entries.filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw InputError.of(`the repository cannot be read (${code})`, 'name an existing folder', { file: path });
  }
}
