import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '../base/problem.js';

/**
 * The bytes of a file, unpacked where they are gzip, whatever its name says.
 * @throws InputError where the gzip file is broken or cut
 */
export async function unpacked(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw InputError.of(
      isCut ? 'the gzip file ends early' : `the gzip file is broken (${(error as Error).message})`,
      'copy or download it again',
      { file },
    );
  }
}

/** By the first two bytes (RFC 1952). */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
