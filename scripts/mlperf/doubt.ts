import type { Estimate } from '../../src/metrics/summary.js';
import { coverage } from '../support/errors-by.js';
import { comparableErrors, type Residual as LeftOut, leastWidening } from '../support/left-out-doubt.js';
import { errorPercent } from '../support/points.js';
import { groupOf, type LeaveOut } from './fit.js';
import { comparedMetrics, type RowPoint } from './points.js';
import type { RowPrediction } from './predict.js';
import { isTritonHarness, type Metric, type MlperfRow } from './rows.js';
import { type ServerKind, serverKind } from './rules.js';
import { isPartFilled } from './setup.js';

/** How far a prediction was off on a row whose group no rule had seen. */
export interface Residual extends LeftOut {
  readonly kind: ServerKind;
  readonly isPartFilled: boolean;
  readonly metric: Metric;
}

export function residualsOf(predictions: readonly RowPrediction[], by: LeaveOut): readonly Residual[] {
  return predictions.flatMap(({ row, predicted }) =>
    comparedMetrics(row).map((metric) => ({
      group: groupOf(row, by),
      kind: serverKind(row),
      isPartFilled: isPartFilled(row),
      metric,
      log: Number(Math.log(row.measured[metric]! / predicted[metric].value).toFixed(4)),
    })),
  );
}

/** Of about four rows. */
const LEAST_RESIDUALS = 20;
const WANTED_PERCENT = 93;
const MOST_WIDENING = 2;

/**
 * How far a figure may lie below and above its prediction, as logarithms: as far as any figure of other groups lay, on Triton or on
 * other servers, with full or with part-filled batches. Where these are few, full and part-filled count; then all.
 */
function rangeOf(row: MlperfRow, { residuals, widening, leaveOut }: Doubt): readonly [number, number] {
  const side = residuals.filter(({ kind }) => (kind === 'triton') === isTritonHarness(row.harness));
  const near = side.filter((each) => each.isPartFilled === isPartFilled(row));
  const group = groupOf(row, leaveOut);
  const found =
    comparableErrors([near, side], group, LEAST_RESIDUALS) ?? comparableErrors([residuals], group, 1);
  if (found === undefined) return [Infinity, Infinity];
  const logs = found.logs.map((log) => widening * log);
  return [Math.max(0, -Math.min(...logs)), Math.max(0, ...logs)];
}

/** What the intervals of a set of predictions go by. */
export interface Doubt {
  readonly leaveOut: LeaveOut;
  readonly residuals: readonly Residual[];
  /** Factor on the range of every interval. */
  readonly widening: number;
}

/** Figures are told to so many digits: the same on every machine. */
const DIGITS = 5;

/** All figures of rows that can be compared, with their intervals. */
export function pointsOf(predictions: readonly RowPrediction[], doubt: Doubt): readonly RowPoint[] {
  return predictions.flatMap((each) => pointsOfRow(each, doubt));
}

function pointsOfRow({ row, predicted }: RowPrediction, doubt: Doubt): readonly RowPoint[] {
  const [below, above] = rangeOf(row, doubt);
  return comparedMetrics(row).map((metric) => {
    const { value } = predicted[metric];
    const noise = noiseOf(predicted[metric]);
    // The noise of this run and the doubt of the model are independent.
    const low = value * Math.exp(-Math.hypot(below, noise));
    // A valid run keeps its limit at the 99th percentile.
    const high = Math.max(value, Math.min(value * Math.exp(Math.hypot(above, noise)), row.limitMs));
    const measured = row.measured[metric]!;
    const rounded = Number(value.toPrecision(DIGITS));
    return {
      metric,
      measured,
      predicted: rounded,
      errorPercent: errorPercent(rounded, measured),
      low: Number(low.toPrecision(DIGITS)),
      high: Number(high.toPrecision(DIGITS)),
      row,
      noise,
      model: (below + above) / 2,
    };
  });
}

/** The least widening with which the figures of left-out rows lie in their intervals as often as is wanted. */
export function wideningFor(predictions: readonly RowPrediction[], doubt: Omit<Doubt, 'widening'>): number {
  return leastWidening(MOST_WIDENING, WANTED_PERCENT, (widening) =>
    coverage(pointsOf(predictions, { ...doubt, widening })),
  );
}

function noiseOf({ value, low, high }: Estimate): number {
  const half = (high - low) / 2 / value;
  return Number.isFinite(half) ? half : 0;
}
