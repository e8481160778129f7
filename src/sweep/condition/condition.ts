import { closest } from '../../base/closest.js';
import { InputError } from '../../base/problem.js';
import type { AxisValue } from '../axis.js';
import { type ConditionToken, SYNTAX, tokensOf } from './tokens.js';

/** Values of the axes, by name. */
export type AxisValues = ReadonlyMap<string, AxisValue>;

/** Computes a part of a condition. */
type Expression = (values: AxisValues) => AxisValue;

/** Whether a point fulfils it. @throws InputError when values do not fit together, such as a word below a number */
export type Condition = (values: AxisValues) => boolean;

/** Nobody writes deeper conditions. */
const MAX_DEPTH = 50;

/**
 * Reads a condition on axes: their names, numbers, 'words', true and false; `and or not`; `== != < <=
 * > >=`; `in [a, b]`; `+ - * /` and parentheses, with the usual precedence.
 *
 * @throws InputError when it cannot be read or names an axis that is not there
 */
export function parseCondition(text: string, axes: readonly string[]): Condition {
  const expression = new ConditionParser(text, axes).parse();
  return (values) => {
    const result = expression(values);
    if (typeof result === 'boolean') return result;
    throw InputError.of(
      `"${text}" gives ${JSON.stringify(result)}, which is neither true nor false`,
      'compare it with something',
    );
  };
}

/** Recursive descent, one method for each level of precedence. */
class ConditionParser {
  readonly #text: string;
  readonly #axes: readonly string[];
  readonly #tokens: readonly ConditionToken[];
  #at = 0;
  #depth = 0;

  constructor(text: string, axes: readonly string[]) {
    this.#text = text;
    this.#axes = axes;
    this.#tokens = tokensOf(text);
  }

  parse(): Expression {
    const expression = this.#either();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw this.#error(`does not go on with "${rest.value}"`);
    return expression;
  }

  #either(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#error('is nested too deeply');
    let left = this.#both();
    while (this.#takeName('or')) left = logical(left, this.#both(), (a, b) => a || b, this.#text);
    this.#depth--;
    return left;
  }

  #both(): Expression {
    let left = this.#negation();
    while (this.#takeName('and')) left = logical(left, this.#negation(), (a, b) => a && b, this.#text);
    return left;
  }

  #negation(): Expression {
    let negate = false;
    while (this.#takeName('not')) negate = !negate;
    const inner = this.#comparison();
    return negate ? (values) => !truth(inner(values), this.#text) : inner;
  }

  #comparison(): Expression {
    const left = this.#sum();
    if (this.#takeName('in')) return this.#membership(left);
    const sign = this.#takeSign('==', '!=', '<=', '>=', '<', '>');
    if (sign === undefined) return left;
    const right = this.#sum();
    if (sign === '==') return (values) => left(values) === right(values);
    if (sign === '!=') return (values) => left(values) !== right(values);
    return (values) => compare(sign, left(values), right(values), this.#text);
  }

  #membership(left: Expression): Expression {
    this.#require('[');
    const members: Expression[] = [];
    while (this.#takeSign(']') === undefined) {
      if (members.length > 0) this.#require(',');
      members.push(this.#sum());
    }
    return (values) => {
      const value = left(values);
      return members.some((member) => member(values) === value);
    };
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.#takeSign('+', '-');
      if (sign === undefined) return left;
      left = arithmetic(left, this.#product(), sign === '+' ? (a, b) => a + b : (a, b) => a - b, this.#text);
    }
  }

  #product(): Expression {
    let left = this.#factor();
    for (;;) {
      const sign = this.#takeSign('*', '/');
      if (sign === undefined) return left;
      left = arithmetic(left, this.#factor(), sign === '*' ? (a, b) => a * b : (a, b) => a / b, this.#text);
    }
  }

  #factor(): Expression {
    let negate = false;
    while (this.#takeSign('-') !== undefined) negate = !negate;
    const inner = this.#primary();
    return negate ? (values) => -number(inner(values), this.#text) : inner;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error('ends too early');
    if (token.kind === 'number' || token.kind === 'text') return () => token.value;
    if (token.kind === 'name') return this.#named(token.value);
    if (token.value !== '(') throw this.#error(`does not go on with "${token.value}"`, token);
    const inner = this.#either();
    this.#require(')');
    return inner;
  }

  #named(name: string): Expression {
    if (name === 'true' || name === 'false') return () => name === 'true';
    if (!this.#axes.includes(name)) {
      const meant = closest(name, this.#axes);
      throw InputError.of(
        `"${this.#text}": there is no axis "${name}"`,
        meant === undefined
          ? `the axes are ${this.#axes.join(', ')}; words stand in quotes`
          : `did you mean "${meant}"?`,
      );
    }
    return (values) => values.get(name)!;
  }

  #takeName(word: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === 'name' && token.value === word;
    if (found) this.#at++;
    return found;
  }

  #takeSign(...signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || !signs.includes(token.value)) return undefined;
    this.#at++;
    return token.value;
  }

  #require(sign: string): void {
    if (this.#takeSign(sign) === undefined) throw this.#error(`needs a "${sign}"`);
  }

  /** @param token where it goes wrong; by default the next one, or the end */
  #error(what: string, token = this.#tokens[this.#at]): InputError {
    const column = token?.column ?? this.#text.length;
    return InputError.of(`"${this.#text}" ${what} (character ${column})`, SYNTAX);
  }
}

function logical(
  left: Expression,
  right: Expression,
  join: (a: boolean, b: boolean) => boolean,
  text: string,
): Expression {
  return (values) => join(truth(left(values), text), truth(right(values), text));
}

function arithmetic(
  left: Expression,
  right: Expression,
  apply: (a: number, b: number) => number,
  text: string,
): Expression {
  return (values) => apply(number(left(values), text), number(right(values), text));
}

function compare(sign: string, a: AxisValue, b: AxisValue, text: string): boolean {
  if (typeof a !== typeof b || typeof a === 'boolean') {
    throw InputError.of(
      `"${text}" compares ${JSON.stringify(a)} with ${JSON.stringify(b)}`,
      'compare numbers with numbers',
    );
  }
  if (sign === '<') return a < b;
  if (sign === '<=') return a <= b;
  return sign === '>' ? a > b : a >= b;
}

function truth(value: AxisValue, text: string): boolean {
  if (typeof value === 'boolean') return value;
  throw InputError.of(
    `"${text}" joins ${JSON.stringify(value)} with and, or or not`,
    'compare it with something',
  );
}

function number(value: AxisValue, text: string): number {
  if (typeof value === 'number') return value;
  throw InputError.of(`"${text}" calculates with ${JSON.stringify(value)}`, 'calculate with numbers');
}
