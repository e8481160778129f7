import { InputError } from '../../base/problem.js';

export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly column: number }
  | { readonly kind: 'text'; readonly value: string; readonly column: number }
  /** A name of an axis, or a word of the language. */
  | { readonly kind: 'name'; readonly value: string; readonly column: number }
  | { readonly kind: 'sign'; readonly value: string; readonly column: number };

const PATTERN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'([^']*)'|"([^"]*)"|([A-Za-z_]\w*)|(==|!=|<=|>=|[<>()[\],+\-*/]))/y;

/** What a condition is made of, for whoever has written something else. */
export const SYNTAX = "write names of axes, numbers, 'words', and or not in [ ] == != < <= > >= + - * / ( )";

/**
 * The tokens of a condition.
 * @throws InputError at the first character that begins none
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; ) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) {
      const rest = text.slice(at).trimStart();
      throw InputError.of(`"${text}": nothing begins with "${rest.slice(0, 10)}"`, SYNTAX);
    }
    const [, number, single, double, name, sign] = match;
    const column = at + 1;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), column });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name, column });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign, column });
    else tokens.push({ kind: 'text', value: single ?? double ?? '', column });
    at = PATTERN.lastIndex;
  }
  return tokens;
}
