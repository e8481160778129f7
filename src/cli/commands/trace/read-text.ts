import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '../../../base/problem.js';
import { decodeText } from '../../../node/decode-text.js';
import { asUnreadable } from '../../../node/read-text.js';

/**
 * The text of a file that the user named, gzip or not.
 * @throws InputError when it cannot be read or is no UTF-8
 */
export async function readTextFile(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    return decodeText(isGzip(bytes) ? await promisify(gunzip)(bytes) : bytes, file);
  } catch (error) {
    const damage = DAMAGES[(error as NodeJS.ErrnoException).code ?? ''];
    throw damage === undefined
      ? asUnreadable(error, file)
      : InputError.of(damage, 'check the path', { file });
  }
}

/** By the first two bytes (RFC 1952), whatever the file is called. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What unpacking may say. */
const DAMAGES: Readonly<Record<string, string>> = {
  Z_DATA_ERROR: 'the gzip file is damaged',
  Z_BUF_ERROR: 'the gzip file ends too early',
};
