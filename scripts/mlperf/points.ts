import { median } from 'simple-statistics';
import { halfWidthPercent, type IntervalPoint } from '../support/errors-by.js';
import { isTritonHarness, METRICS, type Metric, type MlperfRow } from './rows.js';
import { serverKind } from './rules.js';

/** One figure of a row beside its prediction; milliseconds. The interval has the noise of the run and the doubt of the model. */
export interface RowPoint extends IntervalPoint {
  readonly metric: Metric;
  readonly row: MlperfRow;
  /** Half of what the run's noise alone spans, as a fraction of the prediction. */
  readonly noise: number;
  /** The model's doubt alone: how far it reaches to either side in the mean, as a logarithm. */
  readonly model: number;
}

/** Median and worst of the absolute errors of one metric, percent. */
export function errorsOf(points: readonly RowPoint[], metric: Metric) {
  const errors = points
    .filter((point) => point.metric === metric)
    .map((point) => Math.abs(point.errorPercent));
  if (errors.length === 0) return undefined;
  return { count: errors.length, median: median(errors), worst: Math.max(...errors) };
}

/** Median of the intervals' half-widths, percent of the prediction. */
export function halfWidth(points: readonly RowPoint[]): number {
  return median(points.map(halfWidthPercent));
}

/**
 * The metrics of a row that can be compared. Not the mean where a harness may leave requests to the end of the run: a greedy one
 * with a soft drop answers some after minutes, so that its mean is hundreds of times its median.
 */
export function comparedMetrics(row: MlperfRow): readonly Metric[] {
  return METRICS.filter(
    (metric) => row.measured[metric] !== undefined && (metric !== 'mean' || serverKind(row) !== 'greedy'),
  );
}

/** Who served, and how a table names them. */
export const SIDES = [
  { side: 'Triton', name: 'Triton' },
  { side: 'other', name: 'other harnesses' },
] as const;

export function sideOf({ harness }: MlperfRow): (typeof SIDES)[number]['side'] {
  return isTritonHarness(harness) ? 'Triton' : 'other';
}

/** A point as tables and `--json` have it. */
export function pointFigures({ row, metric, measured, predicted, low, high }: RowPoint) {
  const { round, submitter, system, benchmark, harness } = row;
  return { round, submitter, system, benchmark, harness, metric, measured, predicted, low, high };
}
