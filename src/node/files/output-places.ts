import { access, constants, lstat, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { InputError } from '../../base/problem.js';
import { TEMPORARY_BYTES } from '../output/temporary-name.js';

/**
 * Makes sure, before a long run, that a folder can be written or made. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireFolderPlace(option: string, folder: string): Promise<void> {
  requireShortNames(option, folder);
  const kind = await kindOf(folder);
  if (kind === 'other') throw problem(option, `${folder} is no folder`, 'name another one');
  await requireWritable(option, kind === 'folder' ? resolve(folder) : dirname(resolve(folder)));
}

/**
 * Makes sure, before a long run, that a file can be written, and its folder made. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireFilePlace(option: string, file: string): Promise<void> {
  requireShortNames(option, file);
  if ((await kindOf(file)) === 'folder') throw problem(option, `${file} is a folder`, 'name a file');
  const { path, isStream } = await targetOf(file);
  await (isStream ? requireAccess(option, file) : requireWritable(option, dirname(resolve(path))));
}

/** Where what is written to `path` goes. */
export interface Target {
  /** What a link leads to, which is replaced in place of the link. */
  readonly path: string;
  /** A pipe or device: it takes what is written as it comes, and must not be replaced by a file. */
  readonly isStream: boolean;
}

/** Follows links; what leads nowhere yet is its own target. */
export async function targetOf(path: string): Promise<Target> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return { path, isStream: false };
  const isPlain = facts.isFile() || facts.isDirectory();
  // /dev/stdout may lead to a file, which the shell that opened it would go on writing under its old name.
  if (!isPlain || resolve(path).startsWith('/dev/')) return { path, isStream: true };
  return { path: await realpath(path), isStream: false };
}

/**
 * Makes sure, before a long run, that a new folder can take this name, from whatever has it now. Writes nothing.
 * @throws InputError that names the option
 */
export async function requireNewFolderPlace(option: string, folder: string): Promise<void> {
  requireShortNames(option, folder);
  const place = resolve(folder);
  // Whoever stands in a folder that is replaced is left in one that is nowhere.
  if (!relative(place, process.cwd()).startsWith('..'))
    throw problem(option, `${folder} holds the folder that you are in`, 'name another one');
  await requireWritable(option, dirname(place));
}

/** The folder, or the first one above it that exists, must be one in which something can be made. */
async function requireWritable(option: string, folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'none') return requireWritable(option, dirname(folder));
  if (kind === 'other') throw problem(option, `${folder} is no folder`, 'name a place elsewhere');
  await requireAccess(option, folder);
}

/** What file systems take, in bytes. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 4000;

function requireShortNames(option: string, path: string): void {
  const place = resolve(path);
  const longest = LONGEST_NAME - TEMPORARY_BYTES;
  const areShort = dirname(place)
    .split(sep)
    .every((name) => Buffer.byteLength(name) <= LONGEST_NAME);
  if (areShort && Buffer.byteLength(basename(place)) <= longest && Buffer.byteLength(place) <= LONGEST_PATH)
    return;
  const what = `"${path.slice(0, 40)}…" is longer than file systems take`;
  throw problem(
    option,
    what,
    `write names of at most ${longest} bytes, ${LONGEST_PATH} with those of all folders`,
  );
}

/** File systems that the kernel makes up, by what statfs calls them: root may write there, but nothing can be made. */
const MADE_UP = new Map([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
]);

async function requireAccess(option: string, place: string): Promise<void> {
  const kind = await statfs(place).then(
    ({ type }) => MADE_UP.get(type),
    () => undefined,
  );
  if (kind !== undefined)
    throw problem(option, `${place} is of ${kind}, which keeps no files`, 'name a place elsewhere');
  await access(place, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw problem(option, `${place} cannot be written (${error.code})`, 'name a place elsewhere');
  });
}

function kindOf(path: string): Promise<'none' | 'folder' | 'other'> {
  return stat(path).then(
    (facts) => (facts.isDirectory() ? 'folder' : 'other'),
    // A link that leads nowhere is there all the same. ENOTDIR: a part of the path is a file, which the walk upwards comes to.
    () =>
      lstat(path).then(
        () => 'other',
        () => 'none',
      ),
  );
}

function problem(option: string, what: string, remedy: string): InputError {
  return new InputError([{ path: option, what, remedy }]);
}
