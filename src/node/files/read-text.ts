import { InputError, type Place, problemsOf } from '../../base/problem.js';
import { STANDARD_INPUT } from '../../base/standard-input.js';
import { decodeText, LONGEST_TEXT } from './decode-text.js';
import { readInput } from './input-pieces.js';

/** Documents of a million characters are refused by what reads them: a longer file is none, or a device without end. */
const LONGEST_DOCUMENT = 64 * 2 ** 20;

/**
 * The text of a file that the user named.
 * @throws InputError where it cannot be read, or is no UTF-8
 */
export async function readText(file: string): Promise<string> {
  return asRead(file, () => readDocument(file));
}

/** As {@link readText}, but a file that cannot be read throws the system's error. */
export async function readDocument(file: string): Promise<string> {
  if (file !== STANDARD_INPUT) return decoded(file);
  given ??= decoded(file);
  return given;
}

/** What comes in on standard input: it comes once, however many times it is read. */
let given: Promise<string> | undefined;

async function decoded(file: string): Promise<string> {
  return decodeText(await readInput(file, { atMost: LONGEST_DOCUMENT }), file);
}

/**
 * The text of a file that the user named, gzip or not.
 * @throws InputError where it cannot be read or unpacked, or is no UTF-8
 */
export async function readPackedText(file: string): Promise<string> {
  return asRead(file, async () =>
    decodeText(await readInput(file, { unpack: true, atMost: LONGEST_TEXT }), file),
  );
}

/** What comes of reading a file; where that fails, as {@link asUnreadable} says it. */
export async function asRead<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asUnreadable(error, file);
  }
}

/**
 * The text of a file that another file names at `place`.
 * @throws InputError at that place where it cannot be read
 */
export async function readNamed(file: string, place: Place): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw new InputError(
      problemsOf(error).map((problem) => ({
        ...problem,
        ...place,
        what: `${shownPath(file)}: ${problem.what}`,
      })),
    );
  }
}

/**
 * The text of a file that need not be there; undefined only where it is not: what is there and cannot be read
 * must not be taken for nothing, and be written anew.
 * @throws InputError where it cannot be read, or is no UTF-8
 */
export async function readTextIfPresent(file: string): Promise<string | undefined> {
  const bytes = await readBytesIfPresent(file);
  return bytes && decodeText(bytes, file);
}

/** The bytes of a file that need not be there, as {@link readTextIfPresent}. */
export async function readBytesIfPresent(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readInput(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw asUnreadable(error, file);
  }
}

/** A path as it can stand in a message: of a very long one the end, which tells more. */
export function shownPath(path: string): string {
  return path.length <= LONGEST_SHOWN ? path : `...${path.slice(-LONGEST_SHOWN)}`;
}

/** No longer than names of files on most systems. */
const LONGEST_SHOWN = 255;

/** What went wrong with reading a file as a mistake in the input; other errors as they are. */
export function asUnreadable(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof InputError || code === undefined) return error;
  return InputError.of(whyUnreadable(code), REMEDIES[code] ?? 'check the path', { file });
}

/** @param code of the system's error */
export function whyUnreadable(code: string): string {
  return REASONS[code] ?? `it cannot be read (${code})`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'this is a folder',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
};

const REMEDIES: Readonly<Record<string, string>> = {
  EISDIR: 'name a file in it',
  EACCES: 'change its permissions',
  EPERM: 'change its permissions',
};
