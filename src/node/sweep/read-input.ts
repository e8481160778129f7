import { readFile } from 'node:fs/promises';
import { InputError, type Place } from '../../base/problem.js';
import { decodeText } from '../decode-text.js';

/**
 * The text of a file that the user named.
 * @throws InputError where it cannot be read
 */
export async function readInput(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw InputError.of(REASONS[code] ?? `it cannot be read (${code})`, 'check the path', { file });
  }
}

/**
 * The text of a file that another file names at `place`.
 * @throws InputError at that place where it cannot be read
 */
export async function readNamed(file: string, place: Place): Promise<string> {
  try {
    return await readInput(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.problems.map((problem) => ({ ...problem, ...place, what: `${file}: ${problem.what}` })),
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'this is a folder',
  EACCES: 'it may not be read',
};
