import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFolderPlace } from '../files/output-places.js';
import { syncPath } from '../output/create-file.js';
import { RECORD, readRecord, recordText } from '../output/folder-record.js';
import { refuseStrangers, requireWrittenBy } from '../output/own-content.js';
import { isTemporaryName } from '../output/temporary-name.js';
import { filesBelow } from '../output/walk-folder.js';
import { writeSharedFile } from './shared-file.js';

const COMMAND = 'sweep';

/**
 * Makes sure that results may be put into a folder: it is not there, empty, or a sweep's. In one of a sweep only files are
 * replaced whose names are the sweep's.
 * @throws InputError when it holds anything else, or cannot be written
 */
export async function requireSweepFolder(folder: string): Promise<void> {
  await requireFolderPlace('--out', folder);
  const record = await readRecord(folder);
  if (record !== undefined) return requireWrittenBy(COMMAND, record, folder);
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const { files } = await filesBelow(folder);
  // Processes that begin a sweep together see what others are about to write.
  const strangers = files.filter((file) => !isTemporaryName(file));
  if (await holdsPoint(folder, files)) return;
  refuseStrangers(folder, COMMAND, strangers);
}

/** Marks a folder as a sweep's before anything is put into it, by whichever process comes first. */
export async function openSweepFolder(folder: string): Promise<void> {
  await requireSweepFolder(folder);
  if ((await readRecord(folder)) !== undefined) return;
  const changed = await writeSharedFile(join(folder, RECORD), recordText({ command: COMMAND }));
  for (const place of changed) await syncPath(place);
}

/** By its points a sweep is known that was begun before sweeps had a record. */
async function holdsPoint(folder: string, files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const [, address] = /^points\/[0-9a-f]{2}\/([0-9a-f]{32})\.json$/.exec(file) ?? [];
    if (address === undefined) continue;
    const text = await readFile(join(folder, file), 'utf8');
    // A point of ours may be damaged.
    if (text.includes(`"key": "${address}"`)) return true;
  }
  return false;
}
