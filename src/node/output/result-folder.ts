import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFolderAtomically } from '../files/atomic-write.js';
import { isFolder } from '../files/exists.js';
import { makeFolder } from '../files/make-folder.js';
import { requireNewFolderPlace } from '../files/output-places.js';
import { type Content, createFile, syncPath } from './create-file.js';
import { copy, link } from './file-steps.js';
import { copyStamp, LINK_STAMP, RECORD, recordText, type Stamp, StampedContent } from './folder-record.js';
import { requireOwnContent } from './own-content.js';
import { filesBelow } from './walk-folder.js';

/** The commands that write a folder of results; the folder names its one in its record. */
type Writer = 'simulate' | 'plan' | 'tune' | 'emit';

/**
 * Makes sure that a folder of results may be written: its name is free, the folder is empty, or it holds nothing but what the
 * same command wrote there before, which is then replaced. Writes nothing.
 * @param option that names the folder
 * @throws InputError when there is anything else in it, files of ours that were changed since included, or the place cannot be
 *   written
 */
export async function requireResultFolder(option: string, path: string, command: Writer): Promise<void> {
  await requireOwnContent(path, command);
  await requireNewFolderPlace(option, path);
}

/**
 * Writes a folder of results whole or not at all, with a record of its files; one of before is replaced.
 * @throws InputError as {@link requireResultFolder}: somebody may have put something there since
 */
export async function writeResultFolder(
  path: string,
  command: Writer,
  fill: (folder: ResultFolder) => Promise<void>,
): Promise<void> {
  await writeFolderAtomically(path, async (place) => {
    const folder = new ResultFolder(place);
    await fill(folder);
    await folder.finish(command);
    await requireOwnContent(path, command);
  });
}

/** A folder of results that is being filled; names are paths below it, with forward slashes. */
export class ResultFolder {
  readonly #place: string;
  readonly #stamps: Record<string, Stamp> = {};
  readonly #folders = new Set<string>();

  constructor(place: string) {
    this.#place = place;
    this.#folders.add(place);
  }

  async write(name: string, content: Content): Promise<void> {
    const stamped = new StampedContent(content);
    await createFile(await this.#pathOf(name), stamped.parts());
    this.#stamps[name] = stamped.stamp();
  }

  async copyFile(from: string, name: string): Promise<void> {
    await this.write(name, await readFile(from));
  }

  /** Copies a file, or a folder, with all that its links lead to. */
  async copy(from: string, name: string): Promise<void> {
    const place = await this.#pathOf(name);
    await copy(from, place);
    if (!(await isFolder(place))) return this.#stampCopy(name);
    const { files, folders } = await filesBelow(place);
    for (const file of files) await this.#stampCopy(`${name}/${file}`);
    for (const folder of [place, ...folders.map((below) => join(place, below))]) this.#folders.add(folder);
  }

  async link(to: string, name: string): Promise<void> {
    await link(to, await this.#pathOf(name));
    this.#stamps[name] = LINK_STAMP;
  }

  /** Writes the record, and waits until the disk holds all names. */
  async finish(command: Writer): Promise<void> {
    await createFile(join(this.#place, RECORD), recordText({ command, files: this.#stamps }));
    for (const folder of this.#folders) await syncPath(folder);
  }

  async #stampCopy(name: string): Promise<void> {
    const place = join(this.#place, name);
    this.#stamps[name] = await copyStamp(place);
    await syncPath(place);
  }

  async #pathOf(name: string): Promise<string> {
    const path = join(this.#place, name);
    for (const folder of await makeFolder(dirname(path))) this.#folders.add(folder);
    this.#folders.add(dirname(path));
    return path;
  }
}
