import { pairedDifference } from '../metrics/statistics/paired.js';
import type { Estimate } from '../metrics/summary.js';
import { type UnpairedDifference, unpairedDifference } from './unpaired.js';

/** A figure of two set-ups under the same seeds, seed by seed, and over all of them. */
export interface SeedPairs {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly overall: { readonly a: Estimate; readonly b: Estimate };
  /** What one request more makes of a figure of counts. */
  readonly step?: number | undefined;
}

/**
 * Runs under the same seeds see the same load, so that their differences vary less than the runs: the
 * paired t test over seeds. With few seeds that test can tell little, while the runs' own intervals (as
 * if they were independent, which errs on the side of no difference) can: both are asked, and the
 * smaller p-value counts twice (Bonferroni).
 */
export function pairedBySeed({ a, b, overall, step }: SeedPairs): UnpairedDifference {
  const whole = { a: overall.a.value, b: overall.b.value };
  const paired = pairedDifference({ a, b, pairs: 'replications', whole, step });
  const independent = unpairedDifference(overall.a, overall.b);
  const known = [paired, independent].filter(({ pValue }) => !Number.isNaN(pValue));
  const [surest = paired] = [...known].sort((x, y) => x.pValue - y.pValue);
  return {
    difference: surest.difference,
    pValue: Math.min(1, surest.pValue * Math.max(1, known.length)),
  };
}
