import { InputError } from '../base/problem.js';

/**
 * Refuses options that would change nothing beside the others, which whoever wrote them does not expect.
 * @param given names of the options; those that are undefined or false are not given
 * @param why begins with "where" or "without"
 * @throws InputError with each that is given
 */
export function refuseUnused(
  given: Readonly<Record<string, unknown>>,
  why: string,
  remedy = 'leave it out',
): void {
  const names = Object.keys(given).filter((name) => given[name] !== undefined && given[name] !== false);
  if (names.length === 0) return;
  throw new InputError(names.map((name) => ({ path: `--${name}`, what: `is of no use ${why}`, remedy })));
}
