import { InputError } from '../base/problem.js';

/**
 * Checks what yargs lets pass: options without their value or given twice, and words where a number
 * belongs.
 *
 * @param lists names of the arguments that take several values
 * @throws InputError with every one of them
 */
export function checkValues(args: Readonly<Record<string, unknown>>, lists: readonly string[]): true {
  const problems = Object.entries(args).flatMap(([name, value]) => {
    // yargs gives options with hyphens a second time, in camel case.
    if (!/^[a-z][a-z-]*$/.test(name) || lists.includes(name)) return [];
    const wrong = whatIsWrong(value);
    return wrong === undefined ? [] : [{ path: `--${name}`, ...wrong }];
  });
  if (problems.length > 0) throw new InputError(problems);
  return true;
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
