import { availableParallelism } from 'node:os';
import { InputError } from '../base/problem.js';

/** What a number must be. */
export type Range =
  | { readonly above: number }
  | { readonly from: number; readonly to?: number; readonly whole?: boolean };

/** More of anything that options count is a slip. */
export const COUNT = { from: 1, to: 10_000, whole: true } as const satisfies Range;

/** Each thread takes some megabytes: of thousands the process dies. */
export const THREADS: Range = { ...COUNT, to: Math.max(256, availableParallelism()) };

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
  if (range.whole === true && !Number.isSafeInteger(value)) return false;
  return value >= range.from && (range.to === undefined || value <= range.to);
}

function remedyOf(range: Range): string {
  if ('above' in range) return `write more than ${range.above}`;
  const { from, to, whole = false } = range;
  const most = to === undefined ? undefined : ` to ${to}`;
  return whole ? `write a whole number from ${from}${most ?? ' on'}` : `write ${from}${most ?? ' or more'}`;
}
