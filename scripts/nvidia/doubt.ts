import { quantile } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import { NORMAL_95 } from '../../src/metrics/statistics/normal-interval.js';
import type { Residual } from '../support/left-out-doubt.js';
import { sixDigits } from '../support/table.js';
import { METRICS, type Metric, type Point } from './predict.js';

/** The predicted rows of one table, and what is known of how far off they are. */
export interface PredictedTable {
  /** What was left out together, or shares a fit. */
  readonly group: string;
  /** Their intervals reach to the ends of what is not known of the profile, and no further. */
  readonly points: readonly Point[];
  /** Standard deviation of the logarithm over the rows that the fit saw. */
  readonly deviation: number;
  /** Whether those were rows of the group. */
  readonly sawGroup: boolean;
  /** Whether the interval has the ends of all doubts in it already. */
  readonly isOpen: boolean;
}

/** Fewer errors do not show a tail. */
const LEAST_ERRORS = 20;
/** The quantile of the errors that an interval reaches to. */
const REACH = 0.95;

/**
 * Gives points their 95 % intervals. Two estimates of the variance of the logarithm count alike: the few rows of its own group that
 * the fit saw, and the figures of other groups, which no fit saw. Alone, the first is made of four rows of one model, and the
 * second does not know a group that is described badly. Where the fit saw no row of the group, it may be like the worst of the others.
 */
export function withIntervals<Table extends PredictedTable>(tables: readonly Table[]): readonly Table[] {
  const errors = tables.flatMap(errorsOf);
  const deviationOf = ({ group, deviation, sawGroup, isOpen }: Table, metric: Metric) => {
    const others = errors.filter((error) => error.metric === metric && error.group !== group);
    if (isOpen || others.length < LEAST_ERRORS) return deviation;
    if (sawGroup) return Math.hypot(deviation, deviationBy(others)) / Math.SQRT2;
    return Math.max(...[...groupBy(others, (error) => error.group).values()].map(deviationBy));
  };
  return tables.map((table) => {
    const deviations = METRICS.map((metric) => deviationOf(table, metric));
    const points = table.points.map((point) => widened(point, deviations[METRICS.indexOf(point.metric)]!));
    return { ...table, points };
  });
}

/** Of the normal distribution that reaches as far. */
function deviationBy(errors: readonly Residual[]): number {
  return (
    quantile(
      errors.map(({ log }) => log),
      REACH,
    ) / NORMAL_95
  );
}

/** Those of a table with all doubts open are of another kind: they tell nothing of the others. */
function errorsOf({ group, points, isOpen }: PredictedTable) {
  if (isOpen) return [];
  return points.map(({ metric, predicted, measured }) => ({
    group,
    metric,
    log: Math.abs(Math.log(predicted / measured)),
  }));
}

function widened(point: Point, deviation: number): Point {
  const factor = Math.exp(NORMAL_95 * deviation);
  return { ...point, low: sixDigits(point.low / factor), high: sixDigits(point.high * factor) };
}
