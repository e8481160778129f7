import { max, median, min } from 'simple-statistics';

/** What several repeats of one measurement gave. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly repeats: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const all = [...values];
  return { median: median(all), min: min(all), max: max(all), repeats: all.length };
}
