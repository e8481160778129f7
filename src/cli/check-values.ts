import { InputError, type Problem } from '../base/problem.js';

/** The words among which options can be: those before `--`. */
export function optionWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
}

/** Names of arguments by what they take, as yargs keeps them. */
export interface ArgumentKinds {
  /** Those that take several values. */
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly string: readonly string[];
  readonly number: readonly string[];
  /** What those take that know all their values. */
  readonly choices: Readonly<Record<string, unknown>>;
}

type Wrong = Pick<Problem, 'what' | 'remedy'>;

/**
 * Checks what yargs lets pass: options without their value or given twice, words where a number or a yes or no
 * belongs, and `--no-` before what takes a value.
 *
 * @param words the command line, of which yargs does not tell an option without its value from one that is not there
 * @throws InputError with every one of them
 */
export function checkValues(
  args: Readonly<Record<string, unknown>>,
  kinds: ArgumentKinds,
  words: readonly string[],
): true {
  const options = optionWords(words);
  const problems = Object.entries(args).flatMap(([name, value]): Problem[] => {
    if (!/^[a-z][a-z-]*$/.test(name) || kinds.array.includes(name)) return [];
    const written = writtenFor(name, options);
    if (MAY_BE_BARE.has(name) && written.length === 1 && written[0] === undefined) return [];
    // No option: a word that stands for a file, say.
    if (value === '' && written.length === 0)
      return [{ path: `<${name}>`, what: 'is empty', remedy: 'write one' }];
    const wrong = whatIsWrong(value, kinds.boolean.includes(name) ? [] : written);
    return wrong === undefined ? [] : [{ path: `--${name}`, ...wrong }];
  });
  const bare = kinds.array.filter((name) => writtenFor(name, options).some((value) => !value));
  problems.push(...bare.map((name) => ({ path: `--${name}`, ...NO_VALUE })), ...negated(kinds, options));
  problems.push(...kinds.boolean.flatMap((name) => neitherTrueNorFalse(name, options)));
  if (problems.length > 0) throw new InputError(problems);
  return true;
}

/** Options that list their values where they stand without one. */
const MAY_BE_BARE: ReadonlySet<string> = new Set(['example']);

const NO_VALUE = { what: 'has no value', remedy: 'write one after it' };

/**
 * What is written for an option each time that it is given; undefined where it stands at the end or before another one, so
 * that its default would silently take its place.
 */
function writtenFor(name: string, words: readonly string[]): (string | undefined)[] {
  return words.flatMap((word, at) => {
    const [, spelling, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (spelling !== name) return [];
    const next = words[at + 1];
    return [value ?? (next?.startsWith('--') ? undefined : next)];
  });
}

/** Numbers are judged by what is written: yargs makes 0 of an empty text, and of a second 1 it adds to the first. */
function whatIsWrong(value: unknown, written: readonly (string | undefined)[]): Wrong | undefined {
  if (Array.isArray(value) || written.length > 1)
    return { what: 'is given more than once', remedy: 'keep one' };
  if (value === undefined || value === '' || (written.length === 1 && !written[0]?.trim())) return NO_VALUE;
  return Number.isNaN(value) ? { what: `"${written[0]}" is not a number`, remedy: 'write one' } : undefined;
}

/** yargs takes `--no-seed` for a seed that is false, and of a number makes 0. */
function negated({ string, number, array, choices }: ArgumentKinds, words: readonly string[]): Problem[] {
  const named = new Set([...string, ...number, ...array, ...Object.keys(choices)]);
  const wrong = [...named].filter((name) => words.includes(`--no-${name}`));
  return wrong.map((name) => ({
    path: `--no-${name}`,
    what: `--${name} takes a value and cannot be switched off`,
    remedy: 'leave it out',
  }));
}

/** yargs takes every word but true for false. */
function neitherTrueNorFalse(name: string, words: readonly string[]): Problem[] {
  const written = words.filter((word) => word.includes('=')).flatMap((word) => writtenFor(name, [word]));
  const wrong = written.filter((value) => value !== 'true' && value !== 'false');
  return wrong.map((value) => ({
    path: `--${name}`,
    what: `"${value}" is neither true nor false`,
    remedy: `write --${name} or --no-${name}`,
  }));
}

/**
 * Checks that what a command cannot do without was given.
 *
 * @throws InputError with everything that is missing
 */
export function checkGiven(needed: Readonly<Record<string, unknown>>): void {
  const problems = Object.entries(needed)
    .filter(([, value]) => value === undefined)
    .map(([name]) => ({ path: name, what: 'is missing', remedy: 'see --help' }));
  if (problems.length > 0) throw new InputError(problems);
}
