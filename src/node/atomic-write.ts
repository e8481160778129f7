import { rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../base/problem.js';
import { exists } from './exists.js';
import { makeFolder } from './make-folder.js';
import { requireNewFolderPlace, targetOf } from './output-places.js';
import { STOPPING_SIGNALS } from './stopping-signals.js';

/** Writes a file whole or not at all, and makes its folder where there is none; a text may come in parts. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<string>,
): Promise<void> {
  await makeFolder(dirname(path));
  await writeAtomically(path, (temporary) => writeFile(temporary, content));
}

/**
 * Writes a file under a temporary name beside it and renames it: readers see all of it or none. A link
 * stays one, and a device or pipe what it is.
 */
export async function writeAtomically(path: string, write: (file: string) => Promise<void>): Promise<void> {
  const target = await targetOf(path);
  if (target.isStream) return write(path);
  const temporary = temporaryName(target.path);
  await underTemporaryName(temporary, async () => {
    await write(temporary);
    await rename(temporary, target.path);
  }).catch(toldOf(path, temporary));
}

/** A full disk is told without a path, other failures with one that nobody asked for. */
function toldOf(path: string, temporary: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code !== undefined && (error.path ?? temporary).startsWith(temporary)) error.path = path;
    throw error;
  };
}

/** Fills a new folder and only then gives it its name; a folder of that name is replaced. */
export async function writeFolderAtomically(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path));
  const { path: place } = await targetOf(path);
  const temporary = temporaryName(place);
  await underTemporaryName(temporary, async () => {
    await mkdir(temporary);
    await fill(temporary);
    await rm(place, { recursive: true, force: true });
    await rename(temporary, place);
  }).catch(toldOf(path, temporary));
}

/**
 * Makes sure that a result folder may be written: its name is free, or taken by a folder that holds
 * `marker`, which only our own results do, and a folder can be made there.
 * @throws InputError when the name is taken by something else, or the place cannot be written
 */
export async function requireReplaceable(path: string, marker: string): Promise<void> {
  if ((await exists(path)) && !(await exists(join(path, marker)))) {
    throw InputError.of(`${path} exists and is no result of perseus`, 'name another folder with --out');
  }
  await requireNewFolderPlace('--out', path);
}

/** Runs `write`, and removes what it wrote under the temporary name when it fails or is interrupted. */
async function underTemporaryName(temporary: string, write: () => Promise<void>): Promise<void> {
  // Set only while there is something to remove: a handler would keep Ctrl-C waiting for a simulation.
  const interrupt = (signal: NodeJS.Signals) => {
    rmSync(temporary, { recursive: true, force: true });
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, interrupt);
  try {
    await write();
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    for (const signal of STOPPING_SIGNALS) process.off(signal, interrupt);
  }
}

/** Known before anything has that name, so that no interrupt comes between its making and the watch over it. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}
