import { access, constants, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { InputError } from '../base/problem.js';

/**
 * Makes sure, before a long run, that a folder can be written or made. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireFolderPlace(option: string, folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'other') throw problem(option, `${folder} is no folder`, 'name another one');
  await requireWritable(option, kind === 'folder' ? resolve(folder) : dirname(resolve(folder)));
}

/**
 * Makes sure, before a long run, that a file can be written, and its folder made. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireFilePlace(option: string, file: string): Promise<void> {
  if ((await kindOf(file)) === 'folder') throw problem(option, `${file} is a folder`, 'name a file');
  await requireWritable(option, dirname(resolve(file)));
}

/**
 * Makes sure, before a long run, that a new folder can take this name, from whatever has it now. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireNewFolderPlace(option: string, folder: string): Promise<void> {
  const place = resolve(folder);
  // Whoever stands in a folder that is replaced is left in one that is nowhere.
  if (!relative(place, process.cwd()).startsWith('..'))
    throw problem(option, `${folder} holds the folder that you are in`, 'name another one');
  await requireWritable(option, dirname(place));
}

/** The folder, or the first one above it that exists, must be one in which something can be made. */
async function requireWritable(option: string, folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'none') return requireWritable(option, dirname(folder));
  if (kind === 'other') throw problem(option, `${folder} is no folder`, 'name a place elsewhere');
  await access(folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw problem(option, `${folder} cannot be written (${error.code})`, 'name a place elsewhere');
  });
}

function kindOf(path: string): Promise<'none' | 'folder' | 'other'> {
  return stat(path).then(
    (facts) => (facts.isDirectory() ? 'folder' : 'other'),
    // ENOTDIR: a part of the path is a file, which the walk upwards comes to.
    () => 'none',
  );
}

function problem(option: string, what: string, remedy: string): InputError {
  return new InputError([{ path: option, what, remedy }]);
}
