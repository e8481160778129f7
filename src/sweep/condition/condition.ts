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

/** Gives the value of two parts that are joined; `text` is the whole condition, for messages. */
type Join = (left: AxisValue, right: AxisValue, text: string) => AxisValue;

/** What joins two parts: a later level binds more tightly. */
const LEVELS: readonly Readonly<Record<string, Join>>[] = [
  { or: logical((a, b) => a || b) },
  { and: logical((a, b) => a && b) },
  {
    '==': (a, b) => a === b,
    '!=': (a, b) => a !== b,
    '<': comparison((a, b) => a < b),
    '<=': comparison((a, b) => a <= b),
    '>': comparison((a, b) => a > b),
    '>=': comparison((a, b) => a >= b),
  },
  { '+': arithmetic((a, b) => a + b), '-': arithmetic((a, b) => a - b) },
  { '*': arithmetic((a, b) => a * b), '/': arithmetic((a, b) => a / b) },
];
/** Of the level of comparisons, of which one does not follow another. */
const COMPARISON = 2;

/** Precedence climbing. */
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
    const expression = this.#whole();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw this.#error(`does not go on with "${rest.value}"`);
    return expression;
  }

  #whole(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#error('is nested too deeply');
    const expression = this.#joined(0);
    this.#depth--;
    return expression;
  }

  #joined(level: number): Expression {
    if (level === LEVELS.length) return this.#signed();
    if (level === COMPARISON && this.#take('not')) {
      const inner = this.#joined(level);
      return (values) => !truth(inner(values), this.#text);
    }
    let left = this.#joined(level + 1);
    if (level === COMPARISON && this.#take('in')) return this.#membership(left);
    const joins = LEVELS[level]!;
    const words = Object.keys(joins);
    for (let word = this.#take(...words); word !== undefined; word = this.#take(...words)) {
      const [before, join, right] = [left, joins[word]!, this.#joined(level + 1)];
      left = (values) => join(before(values), right(values), this.#text);
      if (level === COMPARISON) break;
    }
    return left;
  }

  #membership(left: Expression): Expression {
    this.#require('[');
    const members: Expression[] = [];
    while (!this.#take(']')) {
      if (members.length > 0) this.#require(',');
      members.push(this.#joined(COMPARISON + 1));
    }
    return (values) => {
      const value = left(values);
      return members.some((member) => member(values) === value);
    };
  }

  #signed(): Expression {
    if (!this.#take('-')) return this.#primary();
    const inner = this.#signed();
    return (values) => -number(inner(values), this.#text);
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error('ends too early');
    if (token.kind === 'number' || token.kind === 'text') return () => token.value;
    if (token.kind === 'name') return this.#named(token.value);
    if (token.value !== '(') throw this.#error(`does not go on with "${token.value}"`, token);
    const inner = this.#whole();
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

  /** Goes past the next word or sign where it is one of these. */
  #take(...words: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if ((token?.kind !== 'name' && token?.kind !== 'sign') || !words.includes(token.value)) return undefined;
    this.#at++;
    return token.value;
  }

  #require(sign: string): void {
    if (!this.#take(sign)) throw this.#error(`needs a "${sign}"`);
  }

  /** @param token where it goes wrong; by default the next one, or the end */
  #error(what: string, token = this.#tokens[this.#at]): InputError {
    const column = token?.column ?? this.#text.length;
    return InputError.of(`"${this.#text}" ${what} (character ${column})`, SYNTAX);
  }
}

function logical(join: (a: boolean, b: boolean) => boolean): Join {
  return (a, b, text) => join(truth(a, text), truth(b, text));
}

function arithmetic(apply: (a: number, b: number) => number): Join {
  return (a, b, text) => apply(number(a, text), number(b, text));
}

function comparison(isSo: (a: number | string, b: number | string) => boolean): Join {
  return (a, b, text) => {
    if (typeof a === typeof b && typeof a !== 'boolean' && typeof b !== 'boolean') return isSo(a, b);
    const what = `"${text}" compares ${JSON.stringify(a)} with ${JSON.stringify(b)}`;
    throw InputError.of(what, 'compare numbers with numbers');
  };
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
