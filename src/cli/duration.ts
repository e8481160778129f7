import { InputError, readAll } from '../base/problem.js';

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a time such as `90`, `90s`, `5m`, `1.5h` or `7d`.
 * @param mayBeNone whether the time may be 0
 * @param examples what may be written
 * @throws InputError for anything else, and for times that are not above 0
 */
export function secondsOf(
  option: string,
  text: string,
  mayBeNone = false,
  examples = '90s, 5m or 7d',
): number {
  const match = /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const seconds = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2] ?? 's']!;
  if (Number.isFinite(seconds) && (seconds > 0 || (mayBeNone && seconds === 0))) return seconds;
  throw InputError.of(`"${text}" is no length of time`, `write for example ${examples}`, { path: option });
}

/**
 * Seconds of options such as `{ bin: '1m' }`; those that are not given are left out.
 * @throws InputError with each that is no time
 */
export function durationsOf<Name extends string>(
  given: Readonly<Partial<Record<Name, string | undefined>>>,
  mayBeNone = false,
): Partial<Record<Name, number>> {
  const texts = Object.entries(given).filter(([, text]) => text !== undefined) as [Name, string][];
  const read = readAll(texts, ([name, text]) => [name, secondsOf(`--${name}`, text, mayBeNone)] as const);
  return Object.fromEntries(read) as Partial<Record<Name, number>>;
}

/**
 * The part of a time that `--start` and `--end` name, in seconds.
 * @throws InputError for what is no time, and for an end that is not behind the start
 */
export function partOf(given: { readonly start?: string | undefined; readonly end?: string | undefined }) {
  const { start: fromS = 0, end: toS = Infinity } = durationsOf({ start: given.start, end: given.end }, true);
  if (toS > fromS) return { fromS, toS };
  throw InputError.of(`${given.end} leaves nothing`, 'write more than --start', { path: '--end' });
}
