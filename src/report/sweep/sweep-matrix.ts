import type { AxisValue } from '../../sweep/axis.js';
import { type PlacedPoints, type ReportedPoint, type SweepReport, valuesOf } from './sweep-report.js';

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

/** Places along an axis of a chart. */
export interface AxisPlaces {
  readonly values: readonly AxisValue[];
  /** Index of the place that a value belongs to. */
  readonly placeOf: (value: AxisValue) => number;
}

/** More different numbers than this come from a range: they are put together. */
const MOST_VALUES = 20;
const BINS = 8;

/**
 * The values of an axis: numbers ascend, words stay in the order of the file. Values drawn from a range, each
 * another, go into bins that hold about as many each, shown by the median of what is in them.
 */
export function axisPlaces(report: PlacedPoints, axis: string): AxisPlaces {
  const values = valuesOf(report, axis);
  if (!values.every((value) => typeof value === 'number')) {
    return { values, placeOf: (value) => values.indexOf(value) };
  }
  const numbers = values.sort((a, b) => a - b);
  if (numbers.length <= MOST_VALUES)
    return { values: numbers, placeOf: (value) => values.indexOf(value as number) };
  const starts = Array.from({ length: BINS }, (_, bin) => Math.floor((bin * numbers.length) / BINS));
  const medians = starts.map((start, bin) => {
    const end = starts[bin + 1] ?? numbers.length;
    return Number(numbers[Math.floor((start + end - 1) / 2)]!.toPrecision(3));
  });
  const placeOf = (value: AxisValue) => starts.findLastIndex((start) => (value as number) >= numbers[start]!);
  return { values: medians, placeOf };
}
