import type { Estimate } from '../../src/metrics/summary.js';
import { coverage } from '../support/errors-by.js';
import { errorPercent } from '../support/points.js';
import { isPartFilled } from './fill.js';
import { groupOf, type LeaveOut } from './fit.js';
import { comparedMetrics, type RowPoint } from './points.js';
import type { Predicted } from './predict.js';
import { isTritonHarness, type Metric, type MlperfRow } from './rows.js';
import { type ServerKind, serverKind } from './rules.js';

/** How far a prediction was off on a row whose group no rule had seen. */
export interface Residual {
  readonly group: string;
  readonly kind: ServerKind;
  readonly isPartFilled: boolean;
  readonly metric: Metric;
  /** Logarithm of measured over predicted. */
  readonly log: number;
}

export function residualsOf(row: MlperfRow, predicted: Predicted, by: LeaveOut): readonly Residual[] {
  return comparedMetrics(row).map((metric) => ({
    group: groupOf(row, by),
    kind: serverKind(row),
    isPartFilled: isPartFilled(row),
    metric,
    log: Number(Math.log(row.measured[metric]! / predicted[metric].value).toFixed(4)),
  }));
}

/** Fewer residuals, of about four rows, say nothing of a tail: more rows are asked. */
const LEAST_RESIDUALS = 20;
/** Few rows tell too little of a tail: intervals are widened until so many percent of the figures that were left out lie within. */
const WANTED_PERCENT = 93;
const WIDENINGS = Array.from({ length: 21 }, (_, i) => Number((1 + i / 20).toFixed(2)));

/**
 * How far a figure may lie below and above its prediction, as logarithms: as far as any figure of other groups lay, on Triton or on
 * other servers, with full or with part-filled batches. Where these are few, full and part-filled count; then all.
 */
function rangeOf(row: MlperfRow, { residuals, widening, leaveOut }: Doubt): readonly [number, number] {
  const group = groupOf(row, leaveOut);
  const others = residuals.filter((each) => each.group !== group);
  const side = others.filter(({ kind }) => (kind === 'triton') === isTritonHarness(row.harness));
  const near = side.filter((each) => each.isPartFilled === isPartFilled(row));
  const chosen = [near, side, others].find(({ length }) => length >= LEAST_RESIDUALS) ?? others;
  if (chosen.length === 0) return [Infinity, Infinity];
  const logs = chosen.map(({ log }) => widening * log);
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

/** All figures of a row that can be compared, with their intervals. */
export function pointsOf(row: MlperfRow, predicted: Predicted, doubt: Doubt): readonly RowPoint[] {
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
      ...textsOf(row),
      metric,
      measured,
      predicted: rounded,
      errorPercent: errorPercent(rounded, measured),
      low: Number(low.toPrecision(DIGITS)),
      high: Number(high.toPrecision(DIGITS)),
      row,
      kind: serverKind(row),
      noise,
      model: (below + above) / 2,
    };
  });
}

function textsOf({ round, submitter, system, benchmark, harness }: MlperfRow) {
  return { round, submitter, system, benchmark, harness };
}

interface PredictedFigures {
  readonly row: MlperfRow;
  readonly predicted: Predicted;
}

/** The least widening with which the figures of left-out rows lie in their intervals as often as is wanted. */
export function wideningFor(rows: readonly PredictedFigures[], doubt: Omit<Doubt, 'widening'>): number {
  const found = WIDENINGS.find(
    (widening) =>
      coverage(rows.flatMap(({ row, predicted }) => pointsOf(row, predicted, { ...doubt, widening }))) >=
      WANTED_PERCENT,
  );
  return found ?? WIDENINGS.at(-1)!;
}

function noiseOf({ value, low, high }: Estimate): number {
  const half = (high - low) / 2 / value;
  return Number.isFinite(half) ? half : 0;
}
