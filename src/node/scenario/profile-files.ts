import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, type Problem } from '../../base/problem.js';
import { parseProfile, parseServerProfile } from '../../profile/parse.js';
import type { ServerProfileFile } from '../../profile/server-profile.js';
import type { ProfileFile } from '../../scenario/resources.js';
import { isFolder } from '../files/exists.js';
import { readText, readTextIfPresent, whyUnreadable } from '../files/read-text.js';
import { filesBelow } from '../output/walk-folder.js';
import { PROFILE_SUFFIX, shippedPlace } from './shipped-profiles.js';

/** Name of the server profile of a folder of profiles. */
export const SERVER_PROFILE = 'server.json';

/**
 * Reads profiles from files, folders (every `*.profile.json` below them) and patterns with `*`, `?`
 * and `**`, and those that perseus ships (`shipped:t4`), each file once, in the order of the file names; each with the
 * `server.json` of its folder, where there is one.
 * @throws InputError with the problems of all files, and for two files with the same model and device.
 */
export async function readProfiles(paths: readonly string[]): Promise<readonly ProfileFile[]> {
  const found = await Promise.all(paths.map((path) => attempt(path, () => findFiles(path))));
  const files = [...new Set(found.flatMap(({ value }) => value ?? []))].sort();
  const servers = await readServerProfiles(files);
  const read = await Promise.all(
    files.map((file) => attempt(file, () => readProfile(file, servers.get(serverFileOf(file))?.value))),
  );
  const profiles = read.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const problems = [...found, ...servers.values(), ...read].flatMap((attempted) => attempted.problems);
  problems.push(...findDuplicates(profiles));
  if (problems.length > 0) throw new InputError(problems);
  return profiles;
}

/**
 * The profiles below a folder that need not be there, nor hold any.
 * @throws InputError as {@link readProfiles}
 */
export async function readProfilesIfPresent(folder: string): Promise<readonly ProfileFile[]> {
  if (!(await isFolder(folder))) return [];
  const files = await attempt(folder, () => listProfiles(folder));
  if (files.value === undefined) throw new InputError(files.problems);
  return readProfiles(files.value);
}

/** What an attempt gave, or what the user did wrong; other errors are thrown on. */
interface Attempted<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

async function attempt<T>(file: string, action: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { value: await action(), problems: [] };
  } catch (error) {
    return { problems: asProblems(error, file) };
  }
}

async function readProfile(file: string, found: ServerProfileFile | undefined): Promise<ProfileFile> {
  const text = await readText(file);
  if (found === undefined) return { file, profile: parseProfile(text, { file }) };
  return { file, serverFile: found.file, profile: parseProfile(text, { file, server: found.server }) };
}

/** @throws InputError with everything that is wrong in it */
export async function readServerProfile(file: string): Promise<ServerProfileFile> {
  return { file, server: parseServerProfile(await readText(file), { file }) };
}

/** The server profiles beside profiles, by file. */
async function readServerProfiles(
  files: readonly string[],
): Promise<ReadonlyMap<string, Attempted<ServerProfileFile | undefined>>> {
  const places = [...new Set(files.map(serverFileOf))];
  const read = places.map(async (file) => {
    const text = await readTextIfPresent(file);
    return text === undefined ? undefined : { file, server: parseServerProfile(text, { file }) };
  });
  return new Map(
    await Promise.all(places.map(async (file, i) => [file, await attempt(file, () => read[i]!)] as const)),
  );
}

function serverFileOf(profileFile: string): string {
  return join(dirname(profileFile), SERVER_PROFILE);
}

async function findFiles(named: string): Promise<readonly string[]> {
  const path = await shippedPlace(named);
  if (/[*?]/.test(path)) return matchPattern(path);
  const info = await stat(path);
  if (!info.isDirectory()) return [path];
  const files = await listProfiles(path);
  if (files.length === 0)
    throw InputError.of(`no *${PROFILE_SUFFIX} below this folder`, undefined, { file: path });
  return files;
}

async function listProfiles(folder: string): Promise<readonly string[]> {
  const { files } = await filesBelow(folder);
  return files.filter((file) => file.endsWith(PROFILE_SUFFIX)).map((file) => join(folder, file));
}

async function matchPattern(pattern: string): Promise<readonly string[]> {
  const parts = pattern.split(/[\\/]/);
  const firstWild = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, firstWild).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const wanted = patternToRegExp(parts.slice(firstWild));
  const files = (await filesBelow(root)).files.filter((file) => wanted.test(file));
  if (files.length === 0) throw InputError.of('no file matches this pattern', undefined, { file: pattern });
  return files.map((file) => join(root, file));
}

/** `**` is any number of folders, `*` and `?` stay within a name. */
function patternToRegExp(parts: readonly string[]): RegExp {
  const last = parts.length - 1;
  const source = parts.map((part, i) => {
    if (part === '**') return i === last ? '.*' : '(?:[^/]+/)*';
    const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return escaped.replace(/\*+/g, '[^/]*').replace(/\?/g, '[^/]') + (i === last ? '' : '/');
  });
  return new RegExp(`^${source.join('')}$`);
}

function findDuplicates(profiles: readonly ProfileFile[]): readonly Problem[] {
  const seen = new Map<string, string>();
  return profiles.flatMap(({ file, profile }) => {
    const key = JSON.stringify([profile.model, profile.device]);
    const before = seen.get(key);
    seen.set(key, before ?? file);
    if (before === undefined) return [];
    const what = `a profile of "${profile.model}" on "${profile.device}" was already read from ${before}`;
    return [{ file, what, remedy: 'leave one of the two files out, or give the model another name' }];
  });
}

function asProblems(error: unknown, file: string): readonly Problem[] {
  if (error instanceof InputError) return error.problems;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  const remedy = 'check the path; perseus profile show lists the shipped ones';
  return [{ file, what: code === 'ENOENT' ? 'no such file or folder' : whyUnreadable(code), remedy }];
}
