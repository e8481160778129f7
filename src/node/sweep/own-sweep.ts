import { join } from 'node:path';
import { exists } from '../files/exists.js';
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
  if (await isOwn(folder)) return;
  if (!(await exists(folder))) return;
  const { files } = await filesBelow(folder);
  // Processes that begin a sweep together see what others write, which is the record before all else.
  if (await isOwn(folder)) return;
  const strangers = files.filter((file) => !isTemporaryName(file));
  refuseStrangers(folder, COMMAND, strangers);
}

/** @throws InputError where another command wrote it */
async function isOwn(folder: string): Promise<boolean> {
  const record = await readRecord(folder);
  if (record !== undefined) requireWrittenBy(COMMAND, record, folder);
  return record !== undefined;
}

/** Marks a folder as a sweep's before anything is put into it, by whichever process comes first. */
export async function openSweepFolder(folder: string): Promise<void> {
  await requireSweepFolder(folder);
  if ((await readRecord(folder)) !== undefined) return;
  const changed = await writeSharedFile(join(folder, RECORD), recordText({ command: COMMAND }));
  for (const place of changed) await syncPath(place);
}
