import { groupBy } from '../../src/base/group-by.js';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { type Compared, meanError, worstFirst } from './points.js';
import { fieldsCsv, signed, sixDigits, type Table, tableOf } from './table.js';

/** A figure beside its prediction, with its 95 % interval. */
export interface IntervalPoint extends Compared {
  readonly metric: string;
  readonly low: number;
  readonly high: number;
}

/** Share of the measured figures that lie in their 95 % interval, percent; 0 without figures. */
export function coverage(points: readonly Pick<IntervalPoint, 'measured' | 'low' | 'high'>[]): number {
  const inside = points.filter(({ measured, low, high }) => measured >= low && measured <= high);
  return points.length === 0 ? 0 : (100 * inside.length) / points.length;
}

/** Half of an interval as a share of what is predicted, percent. */
export function halfWidthPercent({
  low,
  high,
  predicted,
}: Pick<IntervalPoint, 'low' | 'high' | 'predicted'>) {
  return (50 * (high - low)) / predicted;
}

/** How to make a table of errors by group. */
export interface ErrorsBy<Point extends IntervalPoint> {
  readonly head: string;
  readonly nameOf: (point: Point) => string;
  /** What a row of the source is called, each of which has a point for every metric. */
  readonly rows: string;
  readonly metrics: Readonly<Record<string, string>>;
}

/** Mean absolute error of one metric, percent. */
export function metricError(points: readonly IntervalPoint[], metric: string): number {
  return meanError(points.filter((point) => point.metric === metric));
}

/** How a metric's errors compare with what is asked, of figures that no fit has seen. */
export function errorVerdict(
  points: readonly IntervalPoint[],
  {
    metrics,
    rows,
    askedPercent,
  }: { readonly askedPercent: number } & Pick<ErrorsBy<never>, 'metrics' | 'rows'>,
): string {
  if (points.length === 0) return `There are no ${rows} to compare.`;
  const parts = Object.entries(metrics).map(([metric, name]) => {
    const error = metricError(points, metric);
    return `${name} ${error.toFixed(1)} % (${error <= askedPercent ? 'holds' : 'MISSED'})`;
  });
  return `Mean absolute error over ${points.length / parts.length} ${rows}, none seen by a fit; asked for is ${askedPercent} %: ${parts.join(', ')}.`;
}

/** Predicted over measured, as SVG: a colour for each group. */
export function groupedChart<Point extends IntervalPoint>(
  points: readonly Point[],
  metric: string,
  nameOf: (point: Point) => string,
  options: { readonly unit: string; readonly bandPercent: number },
): string {
  const own = groupBy(
    points.filter((point) => point.metric === metric),
    nameOf,
  );
  const groups = [...own.keys()].sort().map((name) => ({ name, points: own.get(name)! }));
  return predictedMeasuredChart(groups, { ...options, width: 560 });
}

export type Group<Point> = readonly [name: string, points: readonly Point[]];

/** Groups of points, the one with the largest mean error of any metric first. */
export function worstGroups<Point extends IntervalPoint>(
  points: readonly Point[],
  nameOf: (point: Point) => string,
  metrics: readonly string[],
): readonly Group<Point>[] {
  const worst = ([, own]: Group<Point>) => Math.max(...metrics.map((metric) => metricError(own, metric)));
  return [...groupBy(points, nameOf)].sort((a, b) => worst(b) - worst(a));
}

/** Mean error of each figure, the worst single one and the share in its interval; the worst group first. */
export function errorsBy<Point extends IntervalPoint>(
  points: readonly Point[],
  { head, nameOf, rows, metrics }: ErrorsBy<Point>,
): Table {
  const names = Object.keys(metrics);
  return tableOf(worstGroups(points, nameOf, names), [
    [head, ([name]) => name],
    [rows, ([, own]) => own.length / names.length],
    ...names.map(
      (metric) =>
        [`${metrics[metric]}, %`, ([, own]: Group<Point>) => metricError(own, metric).toFixed(1)] as const,
    ),
    ['worst, %', ([, own]) => signed(worstFirst(own)[0]!.errorPercent)],
    ['in 95 % interval, %', ([, own]) => coverage(own).toFixed(0)],
  ]);
}

/** Of one that was left out of every fit, and what it is one of: a family of models, a GPU. */
export interface LeftOutPoint extends IntervalPoint {
  readonly leftOut: string;
  readonly by: string;
  /** Model, device and load. */
  readonly what: string;
}

const LEFT_OUT_COLUMNS = [
  ...(['by', 'leftOut', 'what', 'metric', 'measured', 'predicted', 'low', 'high', 'errorPercent'] as const),
];

/** Every point, the worst first. */
export function leftOutCsv(points: readonly LeftOutPoint[]): string {
  return fieldsCsv(worstFirst(points), LEFT_OUT_COLUMNS, sixDigits);
}
