import { readFile } from 'node:fs/promises';
import { InputError } from '../../../base/problem.js';
import { decodeText } from '../../../node/decode-text.js';

/** The text of a file that the user named. @throws InputError when it cannot be read or is no UTF-8 */
export async function readTextFile(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file), file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw InputError.of(REASONS[code] ?? `it cannot be read (${code})`, 'check the path', { file });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'this is a folder',
  EACCES: 'it may not be read',
};
