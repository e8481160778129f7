import type { AxisValue } from '../../sweep/axis.js';
import { axisPlaces } from './sweep-axes.js';
import type { ReportedPoint, SweepReport } from './sweep-report.js';

/**
 * A figure over two axes: the mean over the points that share a cell. NaN where there is none, or where one of them lacks the figure:
 * a mean over the others would be of other loads than that of the next cell.
 */
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
  /** The figure of a point; NaN where it is not known. */
  readonly of: (point: ReportedPoint) => number;
}

/** Puts the points of a sweep into the cells of two of its axes. */
export function axisMatrix(report: SweepReport, { x, y, of }: MatrixOptions): AxisMatrix {
  const [xs, ys] = [axisPlaces(report, x), axisPlaces(report, y)];
  const sums = ys.values.map(() => xs.values.map(() => ({ sum: 0, count: 0 })));
  const [xAxis, yAxis] = [report.axes.indexOf(x), report.axes.indexOf(y)];
  for (const point of report.points) {
    const cell = sums[ys.placeOf(point.values[yAxis]!)]![xs.placeOf(point.values[xAxis]!)]!;
    cell.sum += of(point);
    cell.count++;
  }
  return {
    x: xs.values,
    y: ys.values,
    means: sums.map((row) => row.map(({ sum, count }) => (count === 0 ? Number.NaN : sum / count))),
    depth: sums.flat().reduce((most, { count }) => Math.max(most, count), 0),
  };
}
