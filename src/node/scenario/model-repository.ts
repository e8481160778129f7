import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/problem.js';
import { isFolder } from '../files/exists.js';

/**
 * Names of the folders in a model repository, or in the folder of one of its models; hidden ones are none.
 * @throws InputError when it cannot be read
 */
export async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path);
    const areFolders = await Promise.all(entries.map((name) => isFolder(join(path, name))));
    return entries.filter((name, i) => areFolders[i] && !name.startsWith('.')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw InputError.of(`the repository cannot be read (${code})`, 'name an existing folder', { file: path });
  }
}
