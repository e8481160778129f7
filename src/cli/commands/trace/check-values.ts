import { InputError } from '../../../base/problem.js';

/**
 * Checks what yargs lets pass: options without their value, and words where a number belongs.
 *
 * @throws InputError with every one of them
 */
export function checkValues(args: Readonly<Record<string, unknown>>): true {
  const problems = Object.entries(args).flatMap(([name, value]) => {
    // yargs gives options with hyphens a second time, in camel case.
    if (!/^[a-z][a-z-]*$/.test(name)) return [];
    if (value === '') return [{ path: flag(name), what: 'has no value', remedy: 'write one after it' }];
    if (Number.isNaN(value)) return [{ path: flag(name), what: 'is not a number', remedy: 'write one' }];
    return [];
  });
  if (problems.length > 0) throw new InputError(problems);
  return true;
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

function flag(name: string): string {
  return `--${name}`;
}
