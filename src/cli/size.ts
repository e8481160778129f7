import { InputError } from '../base/problem.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Bytes of a size such as `500000`, `512MiB` or `4GiB`.
 * @throws InputError for anything else, and for sizes below one byte
 */
export function bytesOf(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])i?)?b?$/i.exec(text.trim());
  const bytes =
    match === null ? Number.NaN : Math.floor(Number(match[1]) * UNITS[(match[2] ?? '').toLowerCase()]!);
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw InputError.of(`"${text}" is no size`, 'write for example 512MiB or 4GiB', { path: option });
}
