import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { closest } from '../../../base/closest.js';
import { ProblemList } from '../../../base/problem.js';
import { readProfiles } from '../../../node/scenario/profile-files.js';
import { SHIPPED_PROFILES } from '../../../node/scenario/shipped-profiles.js';
import type { ProfileFile } from '../../../scenario/resources.js';

/**
 * The profiles that somebody asks for by files, folders, patterns or `MODEL@DEVICE` (of those that
 * perseus ships, without regard to case); all shipped ones when nothing is asked for.
 *
 * @throws InputError with the problems of all files and all names that are not known
 */
export async function findProfiles(asked: readonly string[]): Promise<readonly ProfileFile[]> {
  if (asked.length === 0) return readShipped();
  const isName = (text: string) => text.includes('@') && !/[*?]/.test(text) && !existsSync(text);
  const names = asked.filter(isName);
  const problems = new ProblemList();
  const named = names.length === 0 ? [] : findByName(names, await readShipped(), problems);
  const paths = asked.filter((text) => !isName(text));
  const read = await problems.attemptLater(() => readProfiles(paths));
  problems.throwIfAny();
  return [...named, ...read!];
}

async function readShipped(): Promise<readonly ProfileFile[]> {
  const read = await readProfiles([SHIPPED_PROFILES]);
  return read.map(({ file, profile }) => ({ file: shortest(file), profile }));
}

/** A path below the current folder without the folder. */
function shortest(file: string): string {
  const path = relative('.', file);
  return path.length < file.length ? path : file;
}

function findByName(names: readonly string[], profiles: readonly ProfileFile[], problems: ProblemList) {
  const known = new Map(profiles.map((file) => [nameOf(file).toLowerCase(), file]));
  return names.flatMap((name) => {
    const found = known.get(name.toLowerCase());
    if (found !== undefined) return [found];
    const meant = closest(name, profiles.map(nameOf));
    const remedy = meant === undefined ? 'perseus profile show lists them' : `did you mean "${meant}"?`;
    problems.add({ what: `no shipped profile is called "${name}"`, remedy });
    return [];
  });
}

function nameOf({ profile }: ProfileFile): string {
  return `${profile.model}@${profile.device}`;
}
