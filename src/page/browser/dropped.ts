import { Gunzip, strFromU8 } from 'fflate';
import { InputError } from '../../base/problem.js';
import type { DroppedFile } from '../open-files.js';
import { unpackedWithin } from '../unpacked-within.js';

/** Files beyond this are no scenario, and a trace so long is better simulated on the command line. */
const MOST_BYTES = 200_000_000;
const MOST_FILES = 5000;
const TABLE = /\.(arrow|parquet)$/i;
/** What is read besides; of others, such as the weights of models, only the name is of interest. */
const TEXT = /\.(ya?ml|json|jsonl|csv|pbtxt|log|txt|py)(\.gz)?$/i;

interface Found {
  readonly path: string;
  readonly file: File;
}

/** Files that were picked, by their path below the picked folder. */
export function filesOf(files: readonly File[]): Promise<DroppedFile[]> {
  return readAll(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** Files that were dropped, those in folders too. */
export async function droppedFiles({ items }: DataTransfer): Promise<DroppedFile[]> {
  const dropped = [...items].filter(({ kind }) => kind === 'file');
  const entries = dropped.flatMap((item) => item.webkitGetAsEntry() ?? []);
  // Some of what can be dropped is in no folder.
  const loose = dropped
    .filter((item) => item.webkitGetAsEntry() === null)
    .flatMap((item) => item.getAsFile() ?? []);
  const found: Found[] = loose.map((file) => ({ path: file.name, file }));
  for (const entry of entries) await walk(entry, found);
  return readAll(found);
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (found.length >= MOST_FILES)
    throw InputError.of(`there are more than ${MOST_FILES} files`, 'drop fewer');
  if (entry.isFile) {
    const file = await new Promise<File>((take, fail) => (entry as FileSystemFileEntry).file(take, fail));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((take, fail) => reader.readEntries(take, fail));
    if (some.length === 0) return;
    for (const one of some) await walk(one, found);
  }
}

async function readAll(found: readonly Found[]): Promise<DroppedFile[]> {
  const files: DroppedFile[] = [];
  for (const { path, file } of found)
    files.push({
      path,
      text: TEXT.test(path) ? await textOf(path, file) : '',
      ...(TABLE.test(path) && { bytes: await bytesOf(path, file) }),
    });
  return files;
}

async function bytesOf(path: string, file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) throw tooLarge(path);
  return new Uint8Array(await file.arrayBuffer());
}

async function textOf(path: string, file: File): Promise<string> {
  const bytes = await bytesOf(path, file);
  const isPacked = path.toLowerCase().endsWith('.gz');
  return strFromU8(isPacked ? unpackedWithin(MOST_BYTES, Gunzip, bytes, () => tooLarge(path)) : bytes);
}

function tooLarge(path: string): InputError {
  return InputError.of(`${path} holds more than ${MOST_BYTES / 1e6} MB`, 'use it with perseus simulate');
}
