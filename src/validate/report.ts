import type { LatencyDistribution } from '../metrics/figures/tenant-series.js';
import type { BatchShare } from './distances.js';
import type { Metric } from './metric.js';

/**
 * - `within`: the error is at most the tolerance.
 * - `within spread`: it is more, but live repeats differ from each other by as much.
 * - `outside`: neither.
 * - `not judged`: no tolerance is set for it, or one side does not have it.
 */
export type FigureVerdict = 'within' | 'within spread' | 'outside' | 'not judged';

/** One figure, measured and predicted. */
export interface ComparedFigure {
  /** A tenant; of a component of a model that several tenants share, or that other models call, `model NAME`. */
  readonly subject: string;
  readonly metric: Metric;
  /** Mean over the live repeats. */
  readonly measured: number;
  /** Largest less smallest of the live repeats; NaN for a single one. */
  readonly measuredSpread: number;
  /** Mean over the replications. */
  readonly predicted: number;
  /** 95 % interval in which the measured mean should lie, see `newRunInterval`. */
  readonly low: number;
  readonly high: number;
  /** Predicted less measured, in the metric's error unit: percent, or percentage points. */
  readonly error: number;
  /** The spread in the same unit. */
  readonly spread: number;
  /** What was asked for; undefined where nothing was. */
  readonly tolerance: number | undefined;
  readonly verdict: FigureVerdict;
}

/** How far apart two latency distributions are, all runs of a side together. */
export interface LatencyDistance {
  readonly tenant: string;
  /** Largest difference of the distribution functions in percentage points (Kolmogorov-Smirnov). */
  readonly ksPp: number;
  /** Mean distance that latencies must be moved (Wasserstein-1), in percent of the measured mean. */
  readonly wassersteinPercent: number;
  /** The same two between live repeats, the largest of any pair; NaN for a single one. */
  readonly repeatsKsPp: number;
  readonly repeatsWassersteinPercent: number;
}

export interface BatchComparison {
  readonly model: string;
  readonly shares: readonly BatchShare[];
  /** Largest difference of two shares, in percentage points. */
  readonly largestErrorPp: number;
  readonly spreadPp: number;
  readonly tolerancePp: number | undefined;
  readonly verdict: FigureVerdict;
}

export interface TenantCurves {
  readonly tenant: string;
  readonly measured: LatencyDistribution['points'];
  readonly predicted: LatencyDistribution['points'];
}

export interface ModelParts {
  readonly subject: string;
  /** Mean milliseconds by part, NaN where not known; those of `COMPONENT_METRICS` that are times. */
  readonly measuredMs: readonly number[];
  readonly predictedMs: readonly number[];
  /** How much longer executions took than simulated ones of the same batch sizes (inference); NaN where no size is in both. */
  readonly executionPercent: number;
}

/** A comparison of several live runs of a scenario with several simulated ones. */
export interface ValidationReport {
  readonly scenario: string;
  readonly liveRuns: number;
  readonly simulatedRuns: number;
  readonly figures: readonly ComparedFigure[];
  readonly distances: readonly LatencyDistance[];
  readonly batches: readonly BatchComparison[];
  readonly curves: readonly TenantCurves[];
  readonly parts: readonly ModelParts[];
  /** Share of the compared figures whose measured value lies in the predicted interval, 0 to 1; NaN without any. */
  readonly covered: number;
  /** No verdict is `outside`. */
  readonly passed: boolean;
  /** Only where the user stopped it before all live runs that were asked for had been played. */
  readonly interrupted?: true;
}

/** What `--json` and the published results hold of a compared figure. */
export interface ValidationPoint {
  readonly tenant: string;
  readonly metric: string;
  readonly measured: number;
  readonly measuredSpread: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  readonly errorPercent: number;
}

/** The figures that both sides have, as plain points; errors are percent of the measured figure, also of shares. */
export function validationPoints({ figures }: ValidationReport): ValidationPoint[] {
  return figures
    .filter(({ measured, predicted }) => Number.isFinite(measured) && Number.isFinite(predicted))
    .map(({ subject, metric, measured, measuredSpread, predicted, low, high }) => ({
      tenant: subject,
      metric: metric.name,
      measured,
      measuredSpread,
      predicted,
      low,
      high,
      errorPercent: percentError(predicted, measured),
    }));
}

/** 100 (predicted - measured) / measured; 0 where both are 0. */
export function percentError(predicted: number, measured: number): number {
  return predicted === measured ? 0 : (100 * (predicted - measured)) / measured;
}

/** Whether the measured figure lies in its predicted interval; undefined where there is none. */
export function isCovered({ measured, low, high }: ComparedFigure): boolean | undefined {
  if (Number.isNaN(measured) || Number.isNaN(low) || Number.isNaN(high)) return undefined;
  return measured >= low && measured <= high;
}

/** How many of the figures have an interval, and of how many of these it holds the measured one. */
export function coverageOf(figures: readonly ComparedFigure[]) {
  const known = figures.map(isCovered).filter((inside) => inside !== undefined);
  return { known: known.length, inside: known.filter(Boolean).length };
}

/** The verdict on an error in the same unit as tolerance and spread (NaN: not known). */
export function verdictOf(error: number, tolerance: number | undefined, spread: number): FigureVerdict {
  if (tolerance === undefined || Number.isNaN(error)) return 'not judged';
  if (Math.abs(error) <= tolerance) return 'within';
  return Math.abs(error) <= spread ? 'within spread' : 'outside';
}
