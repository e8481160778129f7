import type { AxisValue } from '../sweep/axis.js';
import { paretoFront } from '../sweep/pareto.js';
import { type Cell, type SweepRow, TOTAL_ROW } from '../sweep/row.js';
import { type SweepTable, tableLength, tableRow } from '../sweep/sweep-table.js';

/** A point of a sweep as reports show it. */
export interface ReportedPoint {
  readonly number: number;
  /** In the order of the axes. */
  readonly values: readonly AxisValue[];
  readonly total: SweepRow;
  readonly tenants: readonly SweepRow[];
  /** Whether no other point is both cheaper and at least as good. */
  readonly onFront: boolean;
}

export interface SweepReport {
  readonly name: string;
  readonly axes: readonly string[];
  readonly points: readonly ReportedPoint[];
}

/** What the rows of a sweep say, point by point; the front is that of cost per hour against SLO attainment. */
export function sweepReport(name: string, table: SweepTable): SweepReport {
  const byPoint = new Map<number, SweepRow[]>();
  for (let i = 0; i < tableLength(table); i++) {
    const row = tableRow(table, i);
    const rows = byPoint.get(Number(row['point'])) ?? [];
    byPoint.set(Number(row['point']), rows);
    rows.push(row);
  }
  const points = [...byPoint].map(([number, rows]) => {
    const total = rows.find(({ is_total }) => is_total === true)!;
    return {
      number,
      values: table.axes.map((axis) => total[axis] as AxisValue),
      total,
      tenants: rows.filter((row) => row !== total),
    };
  });
  const front = new Set(paretoFront(points.map(({ total }) => judged(total))));
  return { name, axes: table.axes, points: points.map((point, i) => ({ ...point, onFront: front.has(i) })) };
}

/** Cost per hour, penalties included, against the share of promised requests that were kept. */
function judged(total: SweepRow): { cost: number; quality: number } {
  const cost =
    figure(total, 'usd_per_hour') +
    (total['penalty_usd_per_hour'] === null ? 0 : figure(total, 'penalty_usd_per_hour'));
  const attainment = figure(total, 'slo_attainment');
  return { cost, quality: Number.isNaN(attainment) ? figure(total, 'throughput_per_s') : attainment };
}

/** A cell as a number; NaN where it is none. */
export function figure(row: SweepRow, column: string): number {
  const cell: Cell | undefined = row[column];
  return typeof cell === 'number' ? cell : Number.NaN;
}

/** The row of a tenant, or of all together. */
export function rowOf({ total, tenants }: ReportedPoint, tenant: string): SweepRow | undefined {
  return tenant === TOTAL_ROW ? total : tenants.find((row) => row['tenant'] === tenant);
}

/** Values of an axis in the order of the points. */
export function valuesOf({ axes, points }: SweepReport, axis: string): AxisValue[] {
  const index = axes.indexOf(axis);
  return [...new Set(points.map(({ values }) => values[index]!))];
}

/** A figure over two axes: the mean over the points that share a cell, NaN where there is none. */
export interface AxisMatrix {
  readonly x: readonly AxisValue[];
  readonly y: readonly AxisValue[];
  /** `means[j][i]` at `y[j]` and `x[i]`. */
  readonly means: readonly (readonly number[])[];
  /** Most points behind one cell. */
  readonly depth: number;
}

export interface MatrixOptions {
  readonly x: string;
  readonly y: string;
  /** Column of the results. */
  readonly of: string;
  readonly tenant: string;
}

/** Puts the points of a sweep into the cells of two of its axes. */
export function axisMatrix(report: SweepReport, { x, y, of, tenant }: MatrixOptions): AxisMatrix {
  const [xs, ys] = [sorted(valuesOf(report, x)), sorted(valuesOf(report, y))];
  const sums = ys.map(() => xs.map(() => ({ sum: 0, count: 0 })));
  const [xAxis, yAxis] = [report.axes.indexOf(x), report.axes.indexOf(y)];
  for (const point of report.points) {
    const row = rowOf(point, tenant);
    const value = row === undefined ? Number.NaN : figure(row, of);
    if (Number.isNaN(value)) continue;
    const cell = sums[ys.indexOf(point.values[yAxis]!)]![xs.indexOf(point.values[xAxis]!)]!;
    cell.sum += value;
    cell.count++;
  }
  return {
    x: xs,
    y: ys,
    means: sums.map((row) => row.map(({ sum, count }) => (count === 0 ? Number.NaN : sum / count))),
    depth: sums.flat().reduce((most, { count }) => Math.max(most, count), 0),
  };
}

/** Numbers ascend; words stay in the order of the file. */
function sorted(values: AxisValue[]): AxisValue[] {
  return values.every((value) => typeof value === 'number') ? values.sort((a, b) => a - b) : values;
}

const NAMES: Readonly<Record<string, string>> = {
  usd_per_hour: 'USD per hour',
  usd_per_million_inferences: 'USD per million inferences',
  slo_attainment: 'SLO attainment',
  throughput_per_s: 'requests per second',
  goodput_per_s: 'requests per second within the SLO',
  inferences_per_s: 'inferences per second',
  offered_per_s: 'requests per second offered',
  utilisation: 'mean busy share of the devices',
};

/** What a column holds, in words. */
export function columnTitle(column: string): string {
  const latency = /^latency_(mean|max|p[\d_]+)_ms$/.exec(column);
  if (latency !== null) return `${latency[1]!.replace('_', '.')} latency, ms`;
  return NAMES[column] ?? column.replaceAll('_', ' ');
}
