import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/problem.js';

/**
 * Names of the folders in a model repository, or in the folder of one of its models; hidden ones are none.
 * @throws InputError when it cannot be read
 */
export async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path);
    const kinds = await Promise.all(entries.map((name) => stat(join(path, name)).catch(() => undefined)));
    return entries.filter((name, i) => kinds[i]?.isDirectory() && !name.startsWith('.')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw InputError.of(`the repository cannot be read (${code})`, 'name an existing folder', { file: path });
  }
}
