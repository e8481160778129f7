import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { canonicalJson } from '../../base/canonical-json.js';
import { type Content, partsOf } from './create-file.js';

/** The file by which a folder of results is known. */
export const RECORD = 'perseus-folder.json';
const FORMAT = 'perseus-folder/1';

/**
 * What a file was when it was written: a hash of its content; for copies, which may be large, `[size in bytes, when it was last
 * changed in ms]`; `link` for links, which hold nothing that could be lost.
 */
const stamp = z.union([z.string(), z.tuple([z.number(), z.number()])]);
export type Stamp = z.infer<typeof stamp>;

const folderRecord = z.object({
  format: z.literal(FORMAT),
  command: z.string(),
  files: z.record(z.string(), stamp).optional(),
});

/** What a folder says of itself: the command that wrote it, and the files that are the command's. */
export interface FolderRecord {
  /** Such as `simulate`. */
  readonly command: string;
  /** By their paths below the folder, with forward slashes. Left out by commands whose files have fixed names. */
  readonly files?: Readonly<Record<string, Stamp>> | undefined;
}

export function recordText({ command, files }: FolderRecord): string {
  return canonicalJson({ format: FORMAT, command, files }, ['format', 'command']);
}

/** What a folder says of itself; undefined where it holds no record, or one that was damaged. */
export async function readRecord(folder: string): Promise<FolderRecord | undefined> {
  try {
    return folderRecord.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
  } catch {
    return undefined;
  }
}

export const LINK_STAMP = 'link';

/** Hashes a content on its way to somewhere else. */
export class StampedContent {
  readonly #hash = createHash('sha256');
  readonly #content: Content;

  constructor(content: Content) {
    this.#content = content;
  }

  async *parts(): AsyncGenerator<string | Uint8Array> {
    for await (const part of partsOf(this.#content)) {
      this.#hash.update(part);
      yield part;
    }
  }

  /** Once all parts were taken. */
  stamp(): Stamp {
    return this.#hash.digest('hex');
  }
}

export async function copyStamp(file: string): Promise<Stamp> {
  const { size, mtimeMs } = await lstat(file);
  return [size, Math.round(mtimeMs)];
}

/** Whether what has a path now is what was written under it. */
export async function isUnchanged(path: string, was: Stamp): Promise<boolean> {
  const facts = await lstat(path);
  if (facts.isSymbolicLink()) return was === LINK_STAMP;
  if (!facts.isFile()) return false;
  if (typeof was !== 'string') return String(await copyStamp(path)) === String(was);
  const content = new StampedContent(createReadStream(path));
  for await (const _ of content.parts());
  return content.stamp() === was;
}
