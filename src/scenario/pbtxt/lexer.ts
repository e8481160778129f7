import { InputError } from '../../base/problem.js';
import { shortened } from '../../base/shortened.js';
import { unescapeString } from './string-literal.js';
import type { Position } from './tree.js';

export type Token =
  | { readonly kind: 'identifier'; readonly position: Position; readonly text: string }
  | { readonly kind: 'integer'; readonly position: Position; readonly text: string; readonly value: bigint }
  | { readonly kind: 'float'; readonly position: Position; readonly text: string; readonly value: number }
  | { readonly kind: 'string'; readonly position: Position; readonly text: string; readonly value: string }
  /** One of `{ } < > [ ] : , ; - . /`. */
  | { readonly kind: 'symbol'; readonly position: Position; readonly text: string }
  | { readonly kind: 'end'; readonly position: Position; readonly text: '' };

/**
 * Splits protobuf text into tokens; the last one is always `end`.
 * @throws InputError at the first character that starts no token.
 */
export function tokenize(text: string, file?: string): Token[] {
  return new Lexer(text, file).run();
}

const BLANK = /(?:[ \t\r\n\f\v]|#[^\n]*)+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const HEXADECIMAL = /0[xX][0-9a-fA-F]+/y;
const DECIMAL = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?/y;
const SYMBOL = /[{}<>[\]:,;\-./]/y;

class Lexer {
  readonly #text: string;
  readonly #file: string | undefined;
  readonly #tokens: Token[] = [];
  #offset: number;
  #line = 1;
  #lineStart: number;

  constructor(text: string, file: string | undefined) {
    this.#text = text;
    this.#file = file;
    this.#offset = text.startsWith('\uFEFF') ? 1 : 0;
    this.#lineStart = this.#offset;
  }

  run(): Token[] {
    this.#skipBlank();
    while (this.#offset < this.#text.length) {
      this.#tokens.push(this.#next());
      this.#skipBlank();
    }
    this.#tokens.push({ kind: 'end', position: this.#position(), text: '' });
    return this.#tokens;
  }

  #next(): Token {
    const position = this.#position();
    const identifier = this.#take(IDENTIFIER);
    if (identifier !== undefined) return { kind: 'identifier', position, text: identifier[0] };
    const quote = this.#text[this.#offset];
    if (quote === '"' || quote === "'") return this.#string(quote, position);
    const number = this.#number(position);
    if (number !== undefined) return number;
    const symbol = this.#take(SYMBOL);
    if (symbol !== undefined) return { kind: 'symbol', position, text: symbol[0] };
    return this.#unexpected(position);
  }

  #number(position: Position): Token | undefined {
    const match = this.#take(HEXADECIMAL) ?? this.#take(DECIMAL);
    if (match === undefined) return undefined;
    const text = match[0];
    if (/[\w.]/.test(this.#text[this.#offset] ?? '')) {
      return this.#fail(`${shortened(text + this.#text[this.#offset])} is not a number`, position);
    }
    if (!/^(\d+|0[xX][0-9a-fA-F]+)$/.test(text)) {
      return { kind: 'float', position, text, value: Number(text.replace(/[fF]$/, '')) };
    }
    if (text.length > LONGEST_INTEGER) return this.#fail('the number has too many digits', position);
    if (!/^0\d+$/.test(text)) return { kind: 'integer', position, text, value: BigInt(text) };
    if (/[89]/.test(text)) {
      return this.#fail(
        `${shortened(text)} starts with 0, which means octal`,
        position,
        'leave the leading 0 out',
      );
    }
    return { kind: 'integer', position, text, value: BigInt(`0o${text.slice(1)}`) };
  }

  #string(quote: string, position: Position): Token {
    const end = this.#closingQuote(quote);
    if (end < 0) return this.#fail('the string is not closed on its line', position, `end it with ${quote}`);
    const text = this.#text.slice(this.#offset, end + 1);
    this.#offset = end + 1;
    const unescaped = unescapeString(text.slice(1, -1));
    if (unescaped.ok) return { kind: 'string', position, text, value: unescaped.value };
    const column = position.column + 1 + unescaped.offset;
    return this.#fail(
      `${unescaped.escape} is no escape`,
      { ...position, column },
      'write \\\\ for a backslash',
    );
  }

  /** Offset of the quote that closes the string which starts here; -1 when its line ends first. */
  #closingQuote(quote: string): number {
    for (let i = this.#offset + 1; i < this.#text.length; i++) {
      const character = this.#text[i];
      if (character === quote) return i;
      if (character === '\n') return -1;
      if (character === '\\') i++;
    }
    return -1;
  }

  #unexpected(position: Position): never {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#offset) ?? 0);
    return this.#fail(`unexpected character ${JSON.stringify(character)}`, position);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#offset = pattern.lastIndex;
    return match;
  }

  #skipBlank(): void {
    const start = this.#offset;
    const blank = this.#take(BLANK)?.[0];
    if (blank === undefined) return;
    for (let i = blank.indexOf('\n'); i >= 0; i = blank.indexOf('\n', i + 1)) {
      this.#line++;
      this.#lineStart = start + i + 1;
    }
  }

  #position(): Position {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  #fail(what: string, position: Position, remedy?: string): never {
    throw InputError.of(what, remedy, {
      ...(this.#file === undefined ? {} : { file: this.#file }),
      ...position,
    });
  }
}

/** Far beyond 64 bits; a longer literal is a mistake and would only cost time. */
const LONGEST_INTEGER = 40;
