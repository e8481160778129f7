import { InputError } from '../../base/problem.js';
import { shortened } from '../../base/shortened.js';
import { type Token, tokenize } from './lexer.js';
import type { FieldName, Position, TextField, TextMessage, TextScalar, TextValue } from './tree.js';

/**
 * Reads a message in the protobuf text format (https://protobuf.dev/reference/protobuf/textformat-spec/),
 * without a schema. Extension fields (`[package.name]: …`) are read and left out.
 * @throws InputError at the first mistake of syntax.
 */
export function parsePbtxt(text: string, file?: string): TextMessage {
  return new Parser(tokenize(text, file), file).run();
}

/** As deep as protobuf's own parsers go. */
const DEEPEST_NESTING = 100;

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '<': '>' };

/** Of a message that is being read. */
interface Content {
  readonly fields: TextField[];
  readonly emptyLists: FieldName[];
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #file: string | undefined;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], file: string | undefined) {
    this.#tokens = tokens;
    this.#file = file;
  }

  run(): TextMessage {
    const content: Content = { fields: [], emptyLists: [] };
    while (this.#token.kind !== 'end') this.#field(content);
    return { kind: 'message', position: { line: 1, column: 1 }, ...content };
  }

  get #token(): Token {
    return this.#tokens[this.#index]!;
  }

  /** Appends the field's values: one for a single value, for a list those that it has. */
  #field({ fields, emptyLists }: Content): void {
    const { name, position } = this.#name();
    const colon = this.#skip(':');
    const isExtension = name === undefined;
    const add = (value: TextValue, listed: boolean) => {
      if (!isExtension) fields.push({ name, position, listed, value });
    };
    if (this.#is('[')) {
      const isEmpty = this.#list(colon, add);
      if (isEmpty && !isExtension) emptyLists.push({ name, position });
    } else add(this.#single(colon, name ?? 'the extension'), false);
    if (!this.#skip(',')) this.#skip(';');
  }

  #name(): { name: string | undefined; position: Position } {
    const { kind, text, position } = this.#token;
    if (kind === 'identifier') {
      this.#index++;
      return { name: text, position };
    }
    if (this.#is('[')) {
      while (!this.#skip(']')) this.#extensionPart();
      return { name: undefined, position };
    }
    if (kind === 'string')
      return this.#fail(`the field name ${shortened(text)} is quoted`, 'write it without quotes');
    return this.#fail(`expected a field name, found ${this.#found()}`);
  }

  #extensionPart(): void {
    const { kind, text } = this.#token;
    if (kind !== 'identifier' && !(kind === 'symbol' && /[[./-]/.test(text))) {
      this.#fail(`expected the name of an extension, found ${this.#found()}`, 'write [package.name]');
    }
    this.#index++;
  }

  #single(colon: boolean, name: string): TextValue {
    if (this.#is('{') || this.#is('<')) return this.#message();
    if (colon) return this.#scalar();
    return this.#fail(`expected ":" or "{" after ${shortened(name)}, found ${this.#found()}`);
  }

  /** @returns whether it is empty */
  #list(colon: boolean, add: (value: TextValue, listed: boolean) => void): boolean {
    const open = this.#token.position;
    this.#index++;
    if (this.#skip(']')) return true;
    do {
      if (this.#is(']')) this.#fail('a list ends with ","', 'leave out the comma before the "]"');
      if (this.#is('{') || this.#is('<')) add(this.#message(), true);
      else if (colon) add(this.#scalar(), true);
      else this.#fail('a list of plain values needs a ":" before the "["', 'write name: [1, 2]');
    } while (this.#skip(','));
    if (!this.#skip(']')) this.#unclosed('[', ']', open);
    return false;
  }

  #message(): TextMessage {
    const open = this.#token;
    const closing = CLOSING[open.text]!;
    if (++this.#depth > DEEPEST_NESTING) {
      this.#fail(`messages are nested more than ${DEEPEST_NESTING} deep`);
    }
    this.#index++;
    const content: Content = { fields: [], emptyLists: [] };
    while (!this.#skip(closing)) {
      if (this.#token.kind === 'end' || this.#isClosing()) this.#unclosed(open.text, closing, open.position);
      this.#field(content);
    }
    this.#depth--;
    return { kind: 'message', position: open.position, ...content };
  }

  #scalar(): TextScalar {
    const token = this.#token;
    if (token.kind === 'string') return this.#string();
    if (this.#skip('-')) return this.#negative(token.position);
    if (token.kind === 'identifier') {
      this.#index++;
      return { kind: 'identifier', position: token.position, value: token.text };
    }
    if (token.kind === 'integer' || token.kind === 'float') {
      this.#index++;
      return token.kind === 'integer'
        ? { kind: 'integer', position: token.position, value: token.value }
        : { kind: 'float', position: token.position, value: token.value };
    }
    return this.#fail(`expected a value, found ${this.#found()}`);
  }

  /** Adjacent string literals are one string, as in C. */
  #string(): TextScalar {
    const { position } = this.#token;
    let value = '';
    for (let token = this.#token; token.kind === 'string'; token = this.#token) {
      value += token.value;
      this.#index++;
    }
    return { kind: 'string', position, value };
  }

  #negative(position: Position): TextScalar {
    const token = this.#token;
    if (token.kind === 'integer') {
      this.#index++;
      return { kind: 'integer', position, value: -token.value, isNegated: true };
    }
    const value = token.kind === 'float' ? token.value : wordValue(token);
    if (value === undefined) return this.#fail(`expected a number after "-", found ${this.#found()}`);
    this.#index++;
    return { kind: 'float', position, value: -value };
  }

  #is(symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol;
  }

  #isClosing(): boolean {
    return this.#is('}') || this.#is('>') || this.#is(']');
  }

  #skip(symbol: string): boolean {
    if (!this.#is(symbol)) return false;
    this.#index++;
    return true;
  }

  #found(): string {
    const { kind, text } = this.#token;
    if (kind === 'end') return 'the end of the file';
    return shortened(text);
  }

  #unclosed(open: string, closing: string, at: Position): never {
    return this.#fail(
      `expected "${closing}" for the "${open}" of line ${at.line}, column ${at.column}, found ${this.#found()}`,
    );
  }

  #fail(what: string, remedy?: string): never {
    const file = this.#file === undefined ? {} : { file: this.#file };
    throw InputError.of(what, remedy, { ...file, ...this.#token.position });
  }
}

function wordValue(token: Token): number | undefined {
  if (token.kind !== 'identifier') return undefined;
  const word = token.text.toLowerCase();
  if (word === 'inf' || word === 'infinity') return Number.POSITIVE_INFINITY;
  return word === 'nan' ? Number.NaN : undefined;
}
