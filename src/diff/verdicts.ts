import { SIGNIFICANCE } from '../metrics/statistics/paired.js';
import type { Estimate } from '../metrics/summary.js';

export type ChangeVerdict = 'better' | 'worse' | 'no clear difference' | 'equal' | 'unknown';

export interface MetricChange {
  readonly tenant: string;
  readonly metric: string;
  readonly unit: string;
  readonly a: Estimate;
  readonly b: Estimate;
  /** b - a with its 95 % interval. */
  readonly difference: Estimate;
  readonly relativePercent: number;
  /** Two-sided, of this figure alone. */
  readonly pValue: number;
  /**
   * - `requests`: the same requests of both logs were paired.
   * - `seeds`: runs under the same seeds were paired.
   * - `intervals`: the runs count as independent.
   */
  readonly basis: 'requests' | 'seeds' | 'intervals';
  /** Clear only where it stays significant among all figures of the comparison. */
  readonly verdict: ChangeVerdict;
}

export interface DiffOptions {
  /** Changes of at most so many percent are no change. Default 0. */
  readonly tolerancePercent?: number;
}

/** A figure of both before it is known how many others there are. */
export type Compared = Omit<MetricChange, 'verdict'> & { readonly lowerIsBetter: boolean };

/**
 * Among many figures some differ by chance: significance is judged by Holm's step-down procedure
 * (Scandinavian J. of Statistics 6, 1979), which errs in 5 % of comparisons as a whole.
 */
export function judgeAll(compared: readonly Compared[], tolerancePercent: number): MetricChange[] {
  const clear = holm(compared.map(({ pValue }) => pValue));
  return compared.map(({ lowerIsBetter, ...change }, i) => {
    const isSmall = Math.abs(change.relativePercent) <= tolerancePercent;
    const verdict = verdictOf(change, { isClear: clear[i]! && !isSmall, lowerIsBetter });
    return { ...change, verdict };
  });
}

/** Which of the p-values are significant together; those that are not known are not counted. */
export function holm(pValues: readonly number[]): boolean[] {
  const known = pValues.filter((p) => !Number.isNaN(p)).sort((a, b) => a - b);
  const passed = known.findIndex((p, rank) => !(p < SIGNIFICANCE / (known.length - rank)));
  const limit = passed === -1 ? Number.POSITIVE_INFINITY : known[passed]!;
  return pValues.map((p) => p < limit);
}

function verdictOf(
  { difference, pValue }: Pick<MetricChange, 'difference' | 'pValue'>,
  { isClear, lowerIsBetter }: { readonly isClear: boolean; readonly lowerIsBetter: boolean },
): ChangeVerdict {
  if (difference.value === 0 && pValue === 1) return 'equal';
  if (Number.isNaN(difference.value) || Number.isNaN(pValue)) return 'unknown';
  if (!isClear) return 'no clear difference';
  return difference.value < 0 === lowerIsBetter ? 'better' : 'worse';
}
