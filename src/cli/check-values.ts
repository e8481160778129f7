import { InputError } from '../base/problem.js';

/** Names of arguments by what they take, as yargs keeps them. */
export interface ArgumentKinds {
  /** Those that take several values. */
  readonly array: readonly string[];
  readonly string: readonly string[];
  readonly number: readonly string[];
}

/**
 * Checks what yargs lets pass: options without their value or given twice, and words where a number
 * belongs.
 *
 * @param words the command line, of which yargs does not tell an option without its value from one that is not there
 * @throws InputError with every one of them
 */
export function checkValues(
  args: Readonly<Record<string, unknown>>,
  kinds: ArgumentKinds,
  words: readonly string[],
): true {
  const bare = [...kinds.string, ...kinds.number].filter((name) => isBare(name, words));
  const problems = Object.entries(args).flatMap(([name, value]) => {
    // yargs gives options with hyphens a second time, in camel case.
    if (!/^[a-z][a-z-]*$/.test(name) || kinds.array.includes(name)) return [];
    const wrong = bare.includes(name) ? whatIsWrong('') : whatIsWrong(value);
    return wrong === undefined ? [] : [{ path: `--${name}`, ...wrong }];
  });
  if (problems.length > 0) throw new InputError(problems);
  return true;
}

/** Whether an option stands at the end or before another one, so that its default would silently take its place. */
function isBare(name: string, words: readonly string[]): boolean {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const at = words.slice(0, end).lastIndexOf(`--${name}`);
  return at >= 0 && (at + 1 >= end || words[at + 1]!.startsWith('--'));
}

function whatIsWrong(value: unknown): { what: string; remedy: string } | undefined {
  if (value === undefined || value === '') return { what: 'has no value', remedy: 'write one after it' };
  if (Number.isNaN(value)) return { what: 'is not a number', remedy: 'write one' };
  if (Array.isArray(value)) return { what: 'is given more than once', remedy: 'keep one' };
  return undefined;
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
