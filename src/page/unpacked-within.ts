import type { Gunzip, Inflate } from 'fflate';

/** Bytes unpacked at once, of which each can become about a thousand. */
const STEP = 4096;

/**
 * What was packed, piece by piece, because a small text can unpack to more than there is memory.
 * @throws what `tooMuch` makes where that is more than so many bytes; Error where the end of it is missing
 */
export function unpackedWithin(
  mostBytes: number,
  Stream: typeof Gunzip | typeof Inflate,
  packed: Uint8Array,
  tooMuch: () => Error,
): Uint8Array {
  let whole = new Uint8Array();
  let size = 0;
  const stream = new Stream((part) => {
    if (size + part.length > mostBytes) throw tooMuch();
    if (size + part.length > whole.length) {
      const larger = new Uint8Array(2 * (size + part.length));
      larger.set(whole);
      whole = larger;
    }
    whole.set(part, size);
    size += part.length;
  });
  for (let at = 0; at < packed.length; at += STEP)
    stream.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
  return whole.subarray(0, size);
}
