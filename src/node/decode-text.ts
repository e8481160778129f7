import { InputError } from '../base/problem.js';

/** The text in the bytes of a file. @throws InputError when it is no UTF-8, or longer than a text can be */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG';
    throw InputError.of(
      isTooLong ? 'the file is too long to be read as one text' : 'the file is not UTF-8 text',
      isTooLong ? 'split it, or convert it to .parquet or .arrow' : 'convert it to UTF-8',
      { file },
    );
  }
}
