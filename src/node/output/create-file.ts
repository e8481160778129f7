import type { FileHandle } from 'node:fs/promises';
import { close, openNew, openStream, openToRead, sync, writeSome } from './file-steps.js';

/** What a file shall hold; a long text may come in parts. */
export type Content =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

export interface CreateOptions {
  /** Whether to wait until the disk holds the file. Default true. */
  readonly syncs?: boolean;
}

/** Writes a file that is not there yet. */
export async function createFile(
  path: string,
  content: Content,
  { syncs = true }: CreateOptions = {},
): Promise<void> {
  await withHandle(await openNew(path), async (handle) => {
    await writeContent(handle, content);
    if (syncs) await sync(handle);
  });
}

/** Writes into a pipe or a device. */
export async function writeStream(path: string, content: Content): Promise<void> {
  await withHandle(await openStream(path), (handle) => writeContent(handle, content));
}

/** Errors of systems and file systems that sync no folder, or nothing that is open for reading only. */
const CANNOT_SYNC = ['EINVAL', 'EPERM', 'EACCES', 'EISDIR', 'EBADF', 'ENOTSUP'];

/** Waits until the disk holds a file that was written, or the names in a folder. */
export async function syncPath(path: string): Promise<void> {
  try {
    await withHandle(await openToRead(path), sync);
  } catch (error) {
    if (!CANNOT_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function withHandle(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await close(handle);
  }
}

async function writeContent(handle: FileHandle, content: Content): Promise<void> {
  for await (const part of partsOf(content)) {
    let rest = bytesOf(part);
    while (rest.length > 0) rest = rest.subarray(await writeSome(handle, rest));
  }
}

export function partsOf(content: Content): Exclude<Content, string | Uint8Array> {
  return typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
}

function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part) : part;
}
