import { isObject, parsedJson } from '../../base/json.js';
import { InputError, type Problem } from '../../base/problem.js';
import { readTextIfPresent } from '../files/read-text.js';

/**
 * Makes sure that profiles may be written to these files: nothing is there, or another profile.
 * @throws InputError that names every file that is something else
 */
export async function requireProfilePlaces(files: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  for (const file of files) {
    const text = await readTextIfPresent(file);
    if (text === undefined || isProfile(text)) continue;
    problems.push({
      file,
      what: 'this is no profile, and would be replaced by one',
      remedy: 'name another folder with --out, or move it away',
    });
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** By its format only: a profile with mistakes in it may be replaced. */
function isProfile(text: string): boolean {
  const value = parsedJson(text);
  return isObject(value) && String(value['format']).startsWith('perseus-profile/');
}
