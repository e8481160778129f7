import { InputError } from '../base/problem.js';

/** What a number must be. */
export type Range = { readonly above: number } | { readonly from: number; readonly to?: number };

/**
 * Makes sure that the numbers of options, where they are given, are finite and in range.
 * @throws InputError with each that is not
 */
export function requireNumbers(
  given: Readonly<Record<string, readonly [value: number | undefined, range: Range]>>,
): void {
  const problems = Object.entries(given).flatMap(([name, [value, range]]) => {
    if (value === undefined || isIn(value, range)) return [];
    return [{ path: `--${name}`, what: `${value} is out of range`, remedy: remedyOf(range) }];
  });
  if (problems.length > 0) throw new InputError(problems);
}

function isIn(value: number, range: Range): boolean {
  if (!Number.isFinite(value)) return false;
  if ('above' in range) return value > range.above;
  return value >= range.from && (range.to === undefined || value <= range.to);
}

function remedyOf(range: Range): string {
  if ('above' in range) return `write more than ${range.above}`;
  return range.to === undefined ? `write ${range.from} or more` : `write ${range.from} to ${range.to}`;
}
