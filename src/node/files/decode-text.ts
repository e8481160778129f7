import { constants } from 'node:buffer';
import { InputError } from '../../base/problem.js';

/** A text of more bytes does not fit into a string, unless most of it is in other letters than English. */
export const LONGEST_TEXT = constants.MAX_STRING_LENGTH;

/** The text in the bytes of a file. @throws InputError when it is no UTF-8, or longer than a text can be */
export function decodeText(bytes: Uint8Array, file: string): string {
  return decoded(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), file);
}

/** The text in bytes that come piece by piece. @throws InputError as {@link decodeText} */
export async function* decodePieces(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const piece of pieces) yield decoded(() => decoder.decode(piece, { stream: true }), file);
  yield decoded(() => decoder.decode(), file);
}

function decoded(decode: () => string, file: string): string {
  try {
    return decode();
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG';
    throw InputError.of(
      isTooLong ? 'the file is too long to be read as one text' : 'the file is not UTF-8 text',
      isTooLong
        ? 'split it, or convert it to .parquet or .arrow'
        : NO_TEXT.test(file)
          ? 'write it as text, such as CSV, plain or packed with gzip'
          : 'convert it to UTF-8',
      { file },
    );
  }
}

const NO_TEXT = /\.(arrow|bz2|feather|parquet|xlsx|xz|zip|zst)$/i;
