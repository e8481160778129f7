import { mean } from 'simple-statistics';
import type { PredictedRow } from './predict.js';

/** A figure of an online row that no fit saw, beside its prediction. */
export interface Point {
  /** Model, device and callers, e.g. `resnet50-onnx-trt-fp16@Tesla T4, 64 callers`. */
  readonly tenant: string;
  readonly model: string;
  readonly device: string;
  readonly concurrency: number;
  readonly isCnn: boolean;
  readonly metric: Metric;
  /** Inferences per second, or milliseconds. */
  readonly measured: number;
  /** The source measured every row once: always null. */
  readonly measuredSpread: null;
  readonly predicted: number;
  /** 95 % interval, from how well the rows that the fit saw are described. */
  readonly low: number;
  readonly high: number;
  readonly errorPercent: number;
}

export type Metric = 'throughputPerS' | 'meanMs';
export const METRICS: readonly Metric[] = ['throughputPerS', 'meanMs'];

/** Two figures of each row that no fit saw, worst first. */
export function pointsOf(rows: readonly PredictedRow[]): readonly Point[] {
  return rows
    .filter(({ fitted }) => !fitted)
    .flatMap((row) => METRICS.map((metric) => pointOf(row, metric)))
    .sort((a, b) => Math.abs(b.errorPercent) - Math.abs(a.errorPercent));
}

function pointOf(
  { table, device, isCnn, unit, measured, predicted, factor }: PredictedRow,
  metric: Metric,
): Point {
  const figure = (row: typeof measured) =>
    metric === 'throughputPerS' ? row.inferencesPerS * unit : row.meanLatencyMs;
  const value = round(figure(predicted));
  return {
    tenant: `${table}@${device}, ${measured.concurrency} callers`,
    model: table,
    device,
    concurrency: measured.concurrency,
    isCnn,
    metric,
    measured: round(figure(measured)),
    measuredSpread: null,
    predicted: value,
    low: round(value / factor),
    high: round(value * factor),
    errorPercent: Number((100 * (value / figure(measured) - 1)).toFixed(2)),
  };
}

/** Cut to what tells something, so that files are the same on every machine. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

/** Mean absolute percentage error of one metric. */
export function mape(points: readonly Point[], metric: Metric): number {
  const own = points.filter((point) => point.metric === metric);
  return own.length === 0 ? 0 : mean(own.map(({ errorPercent }) => Math.abs(errorPercent)));
}

/** Share of the measured figures that lie in their 95 % interval, percent. */
export function coverage(points: readonly Point[]): number {
  const inside = points.filter(({ measured, low, high }) => measured >= low && measured <= high);
  return points.length === 0 ? 0 : (100 * inside.length) / points.length;
}
