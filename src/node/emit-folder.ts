import type { Dirent } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '../base/problem.js';
import { REPOSITORIES } from '../emit/emit.js';
import { requireNewFolderPlace } from './output-places.js';

/**
 * Makes sure that a placement may be written to a folder: its name is free, the folder is empty, or it holds
 * nothing but what an earlier emit wrote, which is then replaced. `option` is what names it.
 * @throws InputError when there is anything else in it, model files put there or changed since included, or the
 *   place cannot be written
 */
export async function requireEmitFolder(path: string, option: '--emit' | '--out' = '--emit'): Promise<void> {
  const foreign = await firstForeign(path);
  if (foreign === undefined) return requireNewFolderPlace(option, path);
  const what =
    foreign === path ? 'is a file' : `holds ${foreign}, which perseus emit did not write and would delete`;
  throw InputError.of(`${path} ${what}`, 'name another folder, or move away what is there');
}

/** Where a folder tells which model files were copied into it, and how they were then. */
const RECORD = 'copied.json';

/** What tells a copy from a file that was changed since: its size in bytes, and when it was last changed. */
type Stamp = readonly [bytes: number, changedMs: number];

/** Notes what lies in these version folders, as seen from the emitted folder, so that a later emit knows it again. */
export async function recordCopies(folder: string, versions: readonly string[]): Promise<void> {
  const stamps: Record<string, Stamp> = {};
  for (const version of versions) {
    for (const entry of await entriesBelow(join(folder, version))) {
      if (!entry.isFile()) continue;
      stamps[relative(folder, pathOf(entry)).split(sep).join('/')] = await stampOf(pathOf(entry));
    }
  }
  await writeFile(join(folder, RECORD), `${JSON.stringify(stamps, null, 2)}\n`);
}

async function stampOf(path: string): Promise<Stamp> {
  const { size, mtimeMs } = await stat(path);
  return [size, Math.round(mtimeMs)];
}

/** A record that cannot be read is none: the files are then somebody else's. */
async function copiesIn(folder: string): Promise<ReadonlyMap<string, Stamp>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(join(folder, RECORD), 'utf8'))));
  } catch {
    return new Map();
  }
}

/** What may lie in a folder that we wrote, each as its parts; version folders as links to others, or as copies. */
const EMITTED: readonly (readonly RegExp[])[] = [
  [/^(scenario\.yaml|placement\.csv|copied\.json)$/],
  [/^kubernetes$/, /\.yaml$/],
  [new RegExp(`^${REPOSITORIES}$`), /./, /./, /^config\.pbtxt$/],
];
const VERSION_LINK: readonly RegExp[] = [...EMITTED[2]!.slice(0, 3), /^\d+$/];

/** The first thing below a path, as seen from it, that no emit has written; the path itself where it is a file. */
async function firstForeign(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (!facts.isDirectory()) return path;
  const copies = await copiesIn(path);
  for (const entry of await entriesBelow(path)) {
    const parts = relative(path, pathOf(entry)).split(sep);
    if (!isEmitted(entry, parts) && !(await isCopy(entry, parts.join('/'), copies))) return parts.join('/');
  }
  return undefined;
}

function isEmitted(entry: Dirent, parts: readonly string[]): boolean {
  const known = entry.isSymbolicLink() ? [VERSION_LINK] : EMITTED;
  return known.some(
    (names) =>
      (entry.isDirectory() ? parts.length < names.length : parts.length === names.length) &&
      parts.every((part, i) => names[i]!.test(part)),
  );
}

/** A folder is one where copies were put into it. */
async function isCopy(entry: Dirent, path: string, copies: ReadonlyMap<string, Stamp>): Promise<boolean> {
  if (entry.isDirectory()) return [...copies.keys()].some((copy) => copy.startsWith(`${path}/`));
  const stamp = copies.get(path);
  if (stamp === undefined) return false;
  return String(stamp) === String(await stampOf(pathOf(entry)));
}

async function entriesBelow(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}

function pathOf(entry: Dirent): string {
  return join(entry.parentPath ?? entry.path, entry.name);
}
