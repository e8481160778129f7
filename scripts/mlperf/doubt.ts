import { quantile } from 'simple-statistics';
import type { Estimate } from '../../src/metrics/summary.js';
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
const TAIL = 0.025;

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

/** All figures of a row that can be compared, with their intervals. */
export function pointsOf(
  row: MlperfRow,
  predicted: Predicted,
  residuals: readonly Residual[],
  by: LeaveOut,
): readonly RowPoint[] {
  return comparedMetrics(row).map((metric) => {
    const { value } = predicted[metric];
    const noise = noiseOf(predicted[metric]);
    const logs = comparableResiduals(row, metric, residuals, by);
    const [least, most] =
      logs.length === 0 ? [-Infinity, Infinity] : [quantile([...logs], TAIL), quantile([...logs], 1 - TAIL)];
    // The noise of this run and the doubt of the model are independent.
    const low = value * Math.exp(-Math.hypot(Math.min(0, least), noise));
    const high = value * Math.exp(Math.hypot(Math.max(0, most), noise));
    return {
      round: row.round,
      submitter: row.submitter,
      system: row.system,
      benchmark: row.benchmark,
      harness: row.harness,
      metric,
      measured: row.measured[metric]!,
      predicted: cut(value),
      low: cut(low),
      // A valid run keeps its limit at the 99th percentile.
      high: cut(Math.max(value, Math.min(high, row.limitMs))),
      row,
      kind: serverKind(row),
      noise,
    };
  });
}

function noiseOf({ value, low, high }: Estimate): number {
  const half = (high - low) / 2 / value;
  return Number.isFinite(half) ? half : 0;
}

/** Coarse enough to be the same on every machine. */
function cut(value: number): number {
  return Number(value.toPrecision(5));
}
