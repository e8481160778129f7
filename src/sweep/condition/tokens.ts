import { InputError } from '../../base/problem.js';

/** A part of a condition; `column` is that of its first character, from 1. */
export type ConditionToken =
  | { readonly kind: 'number'; readonly value: number; readonly column: number }
  /** `name`: of an axis, or a word of the language. */
  | { readonly kind: 'text' | 'name' | 'sign'; readonly value: string; readonly column: number };

const PATTERN =
  /(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'([^']*)'|"([^"]*)"|([A-Za-z_]\w*)|(==|!=|<=|>=|[<>()[\],+\-*/])/y;

/** What a condition is made of, for whoever has written something else. */
export const SYNTAX = "write names of axes, numbers, 'words', and or not in [ ] == != < <= > >= + - * / ( )";

/**
 * The tokens of a condition.
 * @throws InputError at the first character that begins none
 */
export function tokensOf(text: string): ConditionToken[] {
  const tokens: ConditionToken[] = [];
  for (let at = nextCharacter(text, 0); at < text.length; at = nextCharacter(text, PATTERN.lastIndex)) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null)
      throw InputError.of(`"${text}": nothing begins with "${text.slice(at, at + 10)}"`, SYNTAX);
    const [, number, single, double, name, sign] = match;
    const column = at + 1;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), column });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name, column });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign, column });
    else tokens.push({ kind: 'text', value: single ?? double ?? '', column });
  }
  return tokens;
}

/** Where the first character is, from `from` on, that is no space; the end of the text where there is none. */
function nextCharacter(text: string, from: number): number {
  return text.length - text.slice(from).trimStart().length;
}
