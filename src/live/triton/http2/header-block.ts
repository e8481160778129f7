import hpack from 'hpack.js';
import { MOST_HEADER_BYTES } from './open-block.js';

/**
 * Headers as a block that needs no state on either side: every field a literal without indexing, never
 * Huffman coded (RFC 7541 6.2.2). Names must be lower case.
 */
export function encodeHeaders(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(headers.flatMap(([name, value]) => [LITERAL, ...text(name), ...text(value)]));
}

const LITERAL = Buffer.of(0);
const SEVEN_BITS = 127;

function text(value: string): Buffer[] {
  const bytes = Buffer.from(value, 'latin1');
  return [lengthOf(bytes.length), bytes];
}

/** An integer with a prefix of seven bits (RFC 7541 5.1). */
function lengthOf(length: number): Buffer {
  if (length < SEVEN_BITS) return Buffer.of(length);
  const bytes = [SEVEN_BITS];
  let rest = length - SEVEN_BITS;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

export type Headers = ReadonlyMap<string, string>;

/** Half a megabyte at most is remembered. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 1024;

/**
 * Reads header blocks of a server that was told to keep no table (SETTINGS_HEADER_TABLE_SIZE 0): each stands
 * for itself, so that one seen before need not be read again. A server's answers differ in few of them.
 */
export class HeaderReader {
  readonly #known = new Map<string, Headers>();

  /** Undefined where the block makes no sense, or becomes more than was allowed to the server. */
  read(block: Buffer): Headers | undefined {
    const key = block.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const headers = decode(block);
    if (headers === undefined || block.length > LONGEST_KNOWN) return headers;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, headers);
    return headers;
  }
}

/** What each field counts beside its letters (RFC 9113 6.5.2). */
const FIELD_BYTES = 32;

function decode(block: Buffer): Headers | undefined {
  const reader = hpack.decompressor.create({ table: { maxSize: 0 } });
  let isBroken = false;
  reader.on('error', () => {
    isBroken = true;
  });
  reader.write(block);
  reader.execute();
  const headers = new Map<string, string>();
  let bytes = 0;
  for (let field = reader.read(); field !== null; field = reader.read()) {
    headers.set(field.name, field.value);
    bytes += field.name.length + field.value.length + FIELD_BYTES;
  }
  return isBroken || bytes > MOST_HEADER_BYTES ? undefined : headers;
}
