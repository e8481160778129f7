import { quantile } from 'simple-statistics';
import type { Estimate } from '../../src/metrics/summary.js';
import { coverage } from '../support/errors-by.js';
import { errorPercent } from '../support/points.js';
import { isPartFilled } from './fill.js';
import { groupOf, type LeaveOut } from './fit.js';
import { comparedMetrics, type RowPoint } from './points.js';
import type { Predicted } from './predict.js';
import type { Metric, MlperfRow } from './rows.js';
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

/** Residuals of fewer rows say nothing of a tail: more rows are asked. */
const LEAST_ROWS = 6;
/** The quantile of the absolute residuals that an interval reaches to, before it is widened. */
const REACH = 0.95;
/** Few rows tell too little of a tail: intervals are widened until so many percent of the figures that were left out lie within. */
const WANTED_PERCENT = 93;
const WIDENINGS = Array.from({ length: 21 }, (_, i) => Number((1 + i / 20).toFixed(2)));

/**
 * Residuals that tell what to expect of a row, all of other groups: those of the same kind of server and the same kind of batches;
 * where they are few, of the kind of server; then of all.
 */
export function comparableResiduals(
  row: MlperfRow,
  metric: Metric,
  residuals: readonly Residual[],
  by: LeaveOut,
): readonly number[] {
  const group = groupOf(row, by);
  const others = residuals.filter((each) => each.metric === metric && each.group !== group);
  const kind = others.filter((each) => each.kind === serverKind(row));
  const near = kind.filter((each) => each.isPartFilled === isPartFilled(row));
  const chosen = [near, kind, others].find(({ length }) => length >= LEAST_ROWS) ?? others;
  return chosen.map(({ log }) => log);
}

/** What the intervals of a set of predictions go by. */
export interface Doubt {
  readonly leaveOut: LeaveOut;
  readonly residuals: readonly Residual[];
  /** Factor on the reach of every interval. */
  readonly widening: number;
}

/** Figures are told to so many digits: the same on every machine. */
const DIGITS = 5;

/** All figures of a row that can be compared, with their intervals. */
export function pointsOf(
  row: MlperfRow,
  predicted: Predicted,
  { residuals, widening, leaveOut }: Doubt,
): readonly RowPoint[] {
  return comparedMetrics(row).map((metric) => {
    const { value } = predicted[metric];
    const noise = noiseOf(predicted[metric]);
    const logs = comparableResiduals(row, metric, residuals, leaveOut).map(Math.abs);
    const model = logs.length === 0 ? Infinity : widening * quantile([...logs], REACH);
    // The noise of this run and the doubt of the model are independent.
    const reach = Math.hypot(model, noise);
    // A valid run keeps its limit at the 99th percentile.
    const high = Math.max(value, Math.min(value * Math.exp(reach), row.limitMs));
    const measured = row.measured[metric]!;
    const rounded = Number(value.toPrecision(DIGITS));
    return {
      ...textsOf(row),
      metric,
      measured,
      predicted: rounded,
      errorPercent: errorPercent(rounded, measured),
      low: Number((value * Math.exp(-reach)).toPrecision(DIGITS)),
      high: Number(high.toPrecision(DIGITS)),
      row,
      kind: serverKind(row),
      noise,
      model,
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
