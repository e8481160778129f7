import { mean } from 'simple-statistics';

// Figures of several runs of one scenario as one.

/** Without the unknown ones. */
export function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

/** Mean over the runs that have the figure; NaN when none has. */
export function meanOf<T>(runs: readonly T[], figure: (run: T) => number): number {
  const values = known(runs.map(figure));
  return values.length === 0 ? Number.NaN : mean(values);
}

export function sumOf<T>(runs: readonly T[], figure: (run: T) => number): number {
  return runs.reduce((sum, run) => sum + figure(run), 0);
}

/** Counts of the same names, added up. */
export function addCounts<Counts extends object>(all: readonly Counts[]): Counts {
  const names = Object.keys(all[0]!) as (keyof Counts)[];
  const sums = names.map((name) => [name, sumOf(all, (each) => Number(each[name]))]);
  return Object.fromEntries(sums) as Counts;
}

/** 0 where none is positive. */
export function largest<T>(runs: readonly T[], figure: (run: T) => number): number {
  return runs.reduce((most, run) => Math.max(most, figure(run)), 0);
}
