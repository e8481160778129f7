import type { AxisValue } from '../../sweep/axis.js';
import { formatSetting } from '../format.js';

/** Points with the values of their axes. */
export interface PlacedPoints {
  readonly axes: readonly string[];
  /** Values in the order of the axes. */
  readonly points: readonly { readonly values: readonly AxisValue[] }[];
}

export function valuesOf({ axes, points }: PlacedPoints, axis: string): AxisValue[] {
  const index = axes.indexOf(axis);
  return [...new Set(points.map(({ values }) => values[index]!))];
}

export function isNumeric(report: PlacedPoints, axis: string): boolean {
  return valuesOf(report, axis).every((value) => typeof value === 'number');
}

/** A value of an axis for people. */
export function valueText(value: AxisValue): string {
  return typeof value === 'number' ? formatSetting(value) : String(value);
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
