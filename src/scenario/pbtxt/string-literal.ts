/** What a string literal says, or the offset (into its body) of an escape that is not one. */
export type Unescaped =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly offset: number; readonly escape: string };

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** One escape after its backslash: octal, hexadecimal, a code point, or a single letter. */
const ESCAPE = /[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrtabfv\\'"?]/y;

/**
 * Resolves the escapes in the body of a string literal (between its quotes). Octal and hexadecimal
 * escapes are bytes; bytes above 127 are read together as UTF-8, and left as Latin-1 where they are
 * no UTF-8.
 */
export function unescapeString(body: string): Unescaped {
  let value = '';
  let bytes = '';
  let offset = 0;
  while (offset < body.length) {
    if (body[offset] !== '\\') {
      value += decodeBytes(bytes) + body[offset];
      bytes = '';
      offset++;
      continue;
    }
    ESCAPE.lastIndex = offset + 1;
    const sequence = ESCAPE.exec(body)?.[0];
    const character = sequence === undefined ? undefined : resolve(sequence);
    if (sequence === undefined || character === undefined) {
      return { ok: false, offset, escape: body.slice(offset, offset + 2) };
    }
    if (isByte(sequence)) {
      bytes += character;
    } else {
      value += decodeBytes(bytes) + character;
      bytes = '';
    }
    offset += 1 + sequence.length;
  }
  return { ok: true, value: value + decodeBytes(bytes) };
}

function isByte(sequence: string): boolean {
  return /^[0-7xX]/.test(sequence);
}

function resolve(sequence: string): string | undefined {
  if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 0xff);
  if (/^[xX]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
  if (/^[uU]./.test(sequence)) {
    const codePoint = Number.parseInt(sequence.slice(1), 16);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
  }
  return SIMPLE_ESCAPES[sequence];
}

/** UTF-8 bytes, one per character, to text. */
function decodeBytes(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const percent = Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  try {
    return decodeURIComponent(percent.join(''));
  } catch {
    return bytes;
  }
}
