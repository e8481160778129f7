import { constants, renameSync, rmSync } from 'node:fs';
import { cp, type FileHandle, mkdir, open, rename as renameEntry, rm, symlink } from 'node:fs/promises';

/*
 * What perseus does to files and folders other than reading them, step by step. Nothing else in src/ changes files, so that a
 * test can make any of the steps fail, or end the process before it.
 */

/** Opens a file that is not there yet. A file or link that somebody has put there is an error (EEXIST). */
export function openNew(path: string): Promise<FileHandle> {
  // Windows has no O_NOFOLLOW, and O_EXCL follows no link either.
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  return make(() => open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
}

export function openStream(path: string): Promise<FileHandle> {
  return open(path, 'w');
}

/** Opens a file or folder that is there, to read it or to have it synced. */
export function openToRead(path: string): Promise<FileHandle> {
  return open(path, 'r');
}

/** Writes as many of the bytes as the system takes at once, and gives their number. */
export async function writeSome(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  return (await handle.write(bytes)).bytesWritten;
}

/** Waits until the disk holds what was written. */
export function sync(handle: FileHandle): Promise<void> {
  return handle.sync();
}

export function close(handle: FileHandle): Promise<void> {
  return handle.close();
}

export function rename(from: string, to: string): Promise<void> {
  return renameEntry(from, to);
}

/** Without giving signals a turn: for renames that belong together. */
export function renameNow(from: string, to: string): void {
  renameSync(from, to);
}

export function makeOneFolder(path: string): Promise<void> {
  return make(() => mkdir(path));
}

/** Copies a file, or a folder, with all that its links lead to; files keep their times. */
export function copy(from: string, to: string): Promise<void> {
  return make(() => cp(from, to, { recursive: true, dereference: true, preserveTimestamps: true }));
}

export function link(to: string, path: string): Promise<void> {
  return make(() => symlink(to, path));
}

/** Removes a file, or a folder with all that is in it; what is not there is no error. */
export function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

/** {@link remove} for a process that is about to end. */
export function removeNow(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Steps under way that make something. */
const making = new Set<Promise<unknown>>();
let isOver = false;

function make<T>(step: () => Promise<T>): Promise<T> {
  // The process is about to end, and nobody waits for it.
  if (isOver) return new Promise(() => {});
  const made = step();
  making.add(made);
  const forget = () => making.delete(made);
  made.then(forget, forget);
  return made;
}

/** For a process that is about to end: lets steps under way end, and begins none that makes something. */
export async function endMaking(): Promise<void> {
  isOver = true;
  await Promise.allSettled(making);
}
