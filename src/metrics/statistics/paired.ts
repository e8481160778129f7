import { mean } from 'simple-statistics';
import { plural } from '../../base/plural.js';
import type { Estimate } from '../summary.js';
import {
  batchUncertainty,
  independentUncertainty,
  type Uncertainty,
  unknownInterval,
  withUncertainty,
} from './intervals.js';
import { studentTPValue } from './student-t.js';

/** Chance of calling a difference real where there is none. */
export const SIGNIFICANCE = 0.05;

/** Two series of the same figure, pair by pair from the same load. */
export interface PairedSeries {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /**
   * `replications`: the pairs are independent runs. `batches`: they are consecutive parts of one run,
   * whose correlation is accounted for.
   */
  readonly pairs: 'replications' | 'batches';
  /**
   * The figure of everything together, where it is not the mean of the pairs': a few bursts make the p95 of a run, and the parts
   * without one know nothing of it; some requests were completed in one run only. The difference is then that of the whole.
   */
  readonly whole?: { readonly a: number; readonly b: number };
  /** What one request more makes of the figure, where it counts them: pairs may agree to the request by chance. */
  readonly step?: number | undefined;
}

/** The same with names for the statement. */
export interface PairedFigures extends PairedSeries {
  /** What is compared: `p99 latency of vision`, in `unit`. */
  readonly what: string;
  readonly unit: string;
  readonly nameA: string;
  readonly nameB: string;
}

export interface PairedDifference {
  /** Mean of b - a, or that of the whole, with its 95 % interval. */
  readonly difference: Estimate;
  /** The difference in percent of the mean of a, or of the whole; NaN where that is 0. */
  readonly relativePercent: number;
  /** Two-sided p-value of the paired t-test; NaN when there are too few pairs. */
  readonly pValue: number;
  readonly significant: boolean;
}

export interface PairedComparison extends PairedDifference {
  readonly statement: string;
}

/** Compares two placements (or runs) pair by pair; pairs with a figure that is not finite are left out. */
export function comparePaired(figures: PairedFigures): PairedComparison {
  const difference = pairedDifference(figures);
  return { ...difference, statement: state(figures, difference, pairsOf(figures).length) };
}

/** The same without a statement. */
export function pairedDifference(series: PairedSeries): PairedDifference {
  const rows = pairsOf(series);
  const differences = rows.map((row) => row.b - row.a);
  if (differences.length === 0) return NOTHING_TO_COMPARE;
  const uncertainty = uncertaintyOf(series, differences);
  const reference = series.whole?.a ?? mean(rows.map((row) => row.a));
  const difference = withUncertainty(differenceOf(series, differences), uncertainty);
  const pValue = tTest(difference.value, uncertainty.standardError, uncertainty.degrees);
  return {
    difference,
    relativePercent: relativePercent(difference.value, reference),
    pValue,
    significant: pValue < SIGNIFICANCE,
  };
}

function pairsOf({ a, b }: PairedSeries) {
  return a
    .map((value, i) => ({ a: value, b: b[i] ?? Number.NaN }))
    .filter((row) => Number.isFinite(row.a) && Number.isFinite(row.b));
}

const NOTHING_TO_COMPARE: PairedDifference = {
  difference: unknownInterval(Number.NaN),
  relativePercent: Number.NaN,
  pValue: Number.NaN,
  significant: false,
};

function differenceOf({ whole }: PairedSeries, differences: number[]): number {
  return whole === undefined ? mean(differences) : whole.b - whole.a;
}

/** Of the whole one is as certain, in proportion, as of the parts, where those differ in the same direction. */
function uncertaintyOf(series: PairedSeries, differences: number[]): Uncertainty {
  const estimate = series.pairs === 'replications' ? independentUncertainty : batchUncertainty;
  const { degrees, ...known } = estimate(differences);
  const coarseness = differences.some((one) => one !== 0) ? series.step || 0 : 0;
  const standardError = Math.max(known.standardError, coarseness / Math.sqrt(differences.length));
  const [value, average] = [differenceOf(series, differences), mean(differences)];
  if (value === average) return { standardError, degrees };
  const agrees = value * average > 0;
  return {
    standardError: agrees ? standardError * (value / average) : Math.hypot(standardError, value - average),
    degrees,
  };
}

function tTest(difference: number, standardError: number, degrees: number): number {
  // Without any spread the t value is 0/0 or infinite.
  if (standardError === 0) return difference === 0 ? 1 : 0;
  return studentTPValue(difference / standardError, degrees);
}

/** A difference in percent of what it is measured against; NaN where that is 0. */
export function relativePercent(difference: number, reference: number): number {
  return reference === 0 ? Number.NaN : (100 * difference) / Math.abs(reference);
}

function state(figures: PairedFigures, judged: PairedDifference, pairs: number): string {
  const { what, unit, nameA, nameB } = figures;
  if (pairs === 0) return `${what}: there is no pair to compare.`;
  const { difference, pValue, relativePercent: percent } = judged;
  if (difference.value === 0 && pValue === 1) return `${what}: ${nameA} and ${nameB} are equal.`;
  const amount = `${round(Math.abs(difference.value))} ${unit}`;
  const share = Number.isNaN(percent) ? '' : ` (${percent > 0 ? '+' : ''}${round(percent)} %)`;
  const size = `${amount}${share} ${difference.value < 0 ? 'lower' : 'higher'}`;
  if (Number.isNaN(pValue)) {
    return `${what}: ${nameB} is ${size} than ${nameA}; ${pairs} ${plural(pairs, 'pair is', 'pairs are')} too few to tell whether by chance.`;
  }
  const interval = `95 % interval ${round(difference.low)} to ${round(difference.high)} ${unit}`;
  const evidence = `${interval}, p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`}, ${pairs} pairs`;
  return judged.significant
    ? `${what}: ${nameB} is ${size} than ${nameA} (${evidence}).`
    : `${what}: ${nameB} and ${nameA} do not differ significantly; ${nameB} is ${size} (${evidence}).`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
