import { InputError } from '../../base/problem.js';
import type { Random } from '../../base/random.js';
import { placeOf } from '../collect.js';
import type { ImportOptions } from './options.js';

/**
 * Where the arrivals of a counted interval lie in it, which the count does not say. `even`: in the
 * middle of equal parts, as regular as can be. `uniform`: anywhere, independently, as of a Poisson
 * process whose count is known.
 */
export type Spread = 'even' | 'uniform';

/** Arrivals of one interval, whole microseconds from `fromUs` to below `fromUs + binUs`, in order. */
export function spreadCount(
  count: number,
  fromUs: number,
  binUs: number,
  spread: Spread,
  random: Random,
): Float64Array {
  const arrivals = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    arrivals[i] =
      fromUs + (spread === 'even' ? Math.floor(((i + 0.5) * binUs) / count) : random.nextInt(binUs));
  }
  return arrivals.sort();
}

/** The intervals that an import takes in. */
export interface BinRange {
  readonly binUs: number;
  /** First interval, and first one after the last. */
  readonly from: number;
  readonly to: number;
}

/** @throws InputError when the options do not fall on interval bounds */
export function binRange(options: ImportOptions, defaultBinUs: number): BinRange {
  const binUs = options.binUs ?? defaultBinUs;
  const from = (options.fromUs ?? 0) / binUs;
  const to = options.toUs === undefined ? Number.POSITIVE_INFINITY : options.toUs / binUs;
  const isWhole = Number.isInteger(from) && (Number.isInteger(to) || to === Number.POSITIVE_INFINITY);
  if (!Number.isInteger(binUs) || binUs < 1 || binUs > MAX_BIN_US || !isWhole || from < 0 || to < from) {
    throw InputError.of(
      `cannot take intervals of ${seconds(binUs)} from ${seconds(options.fromUs ?? 0)} to ${options.toUs === undefined ? 'the end' : seconds(options.toUs)}`,
      'give whole microseconds, and bounds that are multiples of the interval',
      placeOf(options),
    );
  }
  return { binUs, from, to };
}

function seconds(us: number): string {
  return `${us / 1e6} s`;
}

/** The random source has 32 bits, so a longer interval would have microseconds that no arrival hits. */
export const MAX_BIN_US = 2 ** 32;
