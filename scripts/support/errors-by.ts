import { groupBy } from '../../src/base/group-by.js';
import { type Compared, meanError, worstFirst } from './points.js';
import { csvText, signed, type Table, tableOf } from './table.js';

/** A figure beside its prediction, with its 95 % interval. */
export interface IntervalPoint extends Compared {
  readonly metric: string;
  readonly low: number;
  readonly high: number;
}

/** Share of the measured figures that lie in their 95 % interval, percent; 0 without figures. */
export function coverage(points: readonly IntervalPoint[]): number {
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

/** Mean error of each figure, the worst single one and the share in its interval; the worst group first. */
export function errorsBy<Point extends IntervalPoint>(
  points: readonly Point[],
  { head, nameOf, rows, metrics }: ErrorsBy<Point>,
): Table {
  const names = Object.keys(metrics);
  const mape = (own: readonly Point[], metric: string) =>
    meanError(own.filter((point) => point.metric === metric));
  const groups = [...groupBy(points, nameOf)];
  const worst = (own: readonly Point[]) => Math.max(...names.map((metric) => mape(own, metric)));
  groups.sort(([, a], [, b]) => worst(b) - worst(a));
  return tableOf(groups, [
    [head, ([name]) => name],
    [rows, ([, own]) => own.length / names.length],
    ...names.map(
      (metric) => [`${metrics[metric]}, %`, ([, own]: Group<Point>) => mape(own, metric).toFixed(1)] as const,
    ),
    ['worst, %', ([, own]) => signed(worstFirst(own)[0]!.errorPercent)],
    ['in 95 % interval, %', ([, own]) => coverage(own).toFixed(0)],
  ]);
}

type Group<Point> = readonly [name: string, points: readonly Point[]];

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
  const columns = LEFT_OUT_COLUMNS.map((name) => [name, (point: LeftOutPoint) => point[name]] as const);
  return csvText(tableOf(worstFirst(points), columns, (value) => Number(value.toPrecision(6))));
}
