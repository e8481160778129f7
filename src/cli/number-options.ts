import { availableParallelism } from 'node:os';
import { InputError, readAll } from '../base/problem.js';

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

/** A list has at most so many numbers. */
const MOST_NUMBERS = 100;

/**
 * The numbers of options that hold several with commas between them, in their order, each once; undefined where one is not given.
 * @throws InputError with each that is no such list
 */
export function readLists<Name extends string>(
  written: Readonly<Record<Name, readonly [text: string | undefined, range: Bounded]>>,
): Readonly<Record<Name, readonly number[] | undefined>> {
  const read = readAll(
    Object.entries<readonly [string | undefined, Bounded]>(written),
    ([name, [text, range]]) => {
      if (text === undefined) return [name, undefined];
      const numbers = String(text)
        .split(',')
        .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
      if (numbers.length <= MOST_NUMBERS && numbers.every((value) => isIn(value, range)))
        return [name, [...new Set(numbers)]];
      const { from, to, whole = false } = range;
      throw InputError.of(
        `"${String(text).slice(0, 60)}" is no list of ${whole ? 'whole ' : ''}numbers from ${from} to ${to}`,
        `write at most ${MOST_NUMBERS} numbers with commas between them`,
        { path: `--${name}` },
      );
    },
  );
  return Object.fromEntries(read);
}

type Bounded = Extract<Range, { readonly from: number }> & { readonly to: number };
