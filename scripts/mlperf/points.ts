import { median } from 'simple-statistics';
import { isTritonHarness, METRICS, type Metric, type MlperfRow } from './rows.js';
import { type ServerKind, serverKind } from './rules.js';

/** One figure of a row beside its prediction, in the form that `--json` writes. */
export interface Point {
  readonly round: string;
  readonly submitter: string;
  readonly system: string;
  readonly benchmark: string;
  readonly harness: string;
  readonly metric: Metric;
  /** Milliseconds. */
  readonly measured: number;
  readonly predicted: number;
  /** 95 % interval: noise of the run and doubt of the model. */
  readonly low: number;
  readonly high: number;
}

/** The same with what pages tell of it. */
export interface RowPoint extends Point {
  readonly row: MlperfRow;
  readonly kind: ServerKind;
  /** Half of what the run's noise alone spans, as a fraction of the prediction. */
  readonly noise: number;
  /** The model's doubt alone: how far it reaches to either side, as a logarithm. */
  readonly model: number;
}

export function errorPercent({ measured, predicted }: Point): number {
  return 100 * (predicted / measured - 1);
}

/** Median and worst of the absolute errors of one metric, percent. */
export function errorsOf(points: readonly Point[], metric: Metric) {
  const errors = points
    .filter((point) => point.metric === metric)
    .map((point) => Math.abs(errorPercent(point)));
  if (errors.length === 0) return undefined;
  return { count: errors.length, median: median(errors), worst: Math.max(...errors) };
}

/** Share of the figures within their interval, percent. */
export function coverage(points: readonly Point[]): number {
  const inside = points.filter(({ measured, low, high }) => low <= measured && measured <= high);
  return (100 * inside.length) / points.length;
}

/** Median of the intervals' half-widths, percent of the prediction. */
export function halfWidth(points: readonly Point[]): number {
  return median(points.map(({ low, high, predicted }) => (50 * (high - low)) / predicted));
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

export type Side = 'Triton' | 'other';
export const SIDES: readonly Side[] = ['Triton', 'other'];

export function sideOf({ harness }: Pick<Point, 'harness'>): Side {
  return isTritonHarness(harness) ? 'Triton' : 'other';
}

/** The form of `--json`. */
export function pointFigures(points: readonly Point[]) {
  const rows = points.map((point) => ({
    round: point.round,
    submitter: point.submitter,
    system: point.system,
    benchmark: point.benchmark,
    harness: point.harness,
    metric: point.metric,
    measured: point.measured,
    predicted: point.predicted,
    low: point.low,
    high: point.high,
  }));
  return { rows };
}
