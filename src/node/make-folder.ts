import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../base/problem.js';

/**
 * Makes a folder and those above it, where there is none. Node's own way tries for ever where a file system takes no
 * folders and says that something is missing, as /proc does.
 * @throws InputError there
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    if (await isFolder(above))
      throw InputError.of('no folder can be made here', 'write elsewhere', { file: path });
    await makeFolder(above);
    await makeFolder(path);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
