import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../base/problem.js';

/** Writes a file under a temporary name beside it and renames it: readers see all of it or none. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Fills a new folder and only then gives it its name. A folder of that name is replaced when `replace`
 * says that it is one of ours.
 * @throws InputError when the name is taken by something else
 */
export async function writeFolderAtomically(
  path: string,
  fill: (folder: string) => Promise<void>,
  replace: (folder: string) => Promise<boolean>,
): Promise<void> {
  if ((await exists(path)) && !(await replace(path))) {
    throw InputError.of(`${path} exists and is no result of perseus`, 'name another folder with --out');
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = await mkdtemp(join(dirname(path), `.${basename(path)}.`));
  try {
    await fill(temporary);
    await rm(path, { recursive: true, force: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  const { access } = await import('node:fs/promises');
  return access(path).then(
    () => true,
    () => false,
  );
}
