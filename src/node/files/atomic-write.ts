import { constants } from 'node:os';
import { dirname } from 'node:path';
import { type Content, createFile, syncPath, writeStream } from '../output/create-file.js';
import { endMaking, makeOneFolder, remove, removeNow, rename, renameNow } from '../output/file-steps.js';
import { temporaryName } from '../output/temporary-name.js';
import { makeFolder } from './make-folder.js';
import { targetOf } from './output-places.js';
import { STOPPING_SIGNALS } from './stopping-signals.js';

/**
 * Writes a file under a temporary name beside it and renames it, and makes its folder where there is none: readers see all of it
 * or none, also after a power loss. A link stays one, and a device or pipe what it is.
 */
export async function writeFileAtomically(path: string, content: Content): Promise<void> {
  const changed = await makeFolder(dirname(path));
  const target = await targetOf(path);
  if (target.isStream) return writeStream(path, content);
  const temporary = temporaryName(target.path);
  await removingLeftovers([temporary], async () => {
    await createFile(temporary, content);
    await rename(temporary, target.path);
  }).catch(toldOf(path, temporary));
  for (const folder of [dirname(target.path), ...changed]) await syncPath(folder);
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
  const changed = await makeFolder(dirname(path));
  const { path: place } = await targetOf(path);
  const temporary = temporaryName(place);
  const leftovers = [temporary];
  await removingLeftovers(leftovers, async () => {
    await makeOneFolder(temporary);
    await fill(temporary);
    const old = putInPlace(temporary, place);
    if (old === undefined) return;
    leftovers.push(old);
    await remove(old);
  }).catch(toldOf(path, temporary));
  for (const folder of [dirname(place), ...changed]) await syncPath(folder);
}

/**
 * Gives a folder its name. What has the name is set aside first and comes back on failure.
 * @returns where it is then, if there was anything
 */
function putInPlace(folder: string, place: string): string | undefined {
  const aside = temporaryName(place);
  try {
    renameNow(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    renameNow(folder, place);
    return undefined;
  }
  try {
    renameNow(folder, place);
  } catch (error) {
    renameNow(aside, place);
    throw error;
  }
  return aside;
}

/** Runs `write`, and removes what it left under temporary names when it fails or is interrupted. */
async function removingLeftovers(leftovers: readonly string[], write: () => Promise<void>): Promise<void> {
  // Set only while there is something to remove: a handler would keep Ctrl-C waiting for a simulation.
  const interrupt = async (signal: NodeJS.Signals) => {
    // A step that is under way would make anew what was removed.
    await endMaking();
    for (const path of leftovers) removeNow(path);
    // Others who write have their turn before.
    setImmediate(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, interrupt);
  try {
    await write();
  } catch (error) {
    // What went wrong first is what to tell.
    for (const path of leftovers) await remove(path).catch(() => {});
    throw error;
  } finally {
    for (const signal of STOPPING_SIGNALS) process.off(signal, interrupt);
  }
}
