import { InputError } from './problem.js';

/**
 * Makes sure that options of the library that count something, where they are given, are whole numbers from 1 on.
 * @throws InputError with each that is not, by its name
 */
export function requireCounts(given: Readonly<Record<string, number | undefined>>): void {
  const problems = Object.entries(given).flatMap(([path, value = 1]) =>
    Number.isSafeInteger(value) && value >= 1
      ? []
      : [{ path, what: `${value} is no count`, remedy: 'write a whole number from 1 on' }],
  );
  if (problems.length > 0) throw new InputError(problems);
}
