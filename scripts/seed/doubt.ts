import { quantile } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import { remembered } from '../../src/base/remembered.js';
import { comparableErrors, leastWidening, type Residual } from '../support/left-out-doubt.js';
import type { Point } from './judge.js';

/** A point with the interval that its measured figure lies in, 95 of 100 times. */
export interface DoubtedPoint extends Point {
  readonly low: number;
  readonly high: number;
}

const LEAST_RESIDUALS = 4;
/** The quantile of the errors that an interval reaches to, before it is widened. */
const REACH = 0.95;
const WANTED_PERCENT = 94;
const MOST_WIDENING = 3;

/**
 * Nothing was measured of the latency of two models on one GPU: instead of evenly they may share it 3 to 2, so that a
 * batch takes 2.5 or 1.7 times as long instead of twice.
 */
const UNKNOWN_SHARES = Math.log(2.5 / 2);

const isLatency = ({ metric }: Point) => metric.startsWith('p');

/** What makes predictions alike, the nearest kind first. */
const KINDS: readonly ((point: Point) => string)[] = [
  (point) =>
    kind(point, point.sharing, point.belowSaturation, point.basis === 'extrapolated', isFigure(point)),
  (point) => kind(point, point.belowSaturation, point.basis === 'extrapolated', isFigure(point)),
  (point) => kind(point, point.belowSaturation),
  (point) => kind(point),
];

function kind(point: Point, ...traits: readonly (string | boolean)[]): string {
  return [isLatency(point), ...traits].join();
}

/** Whether a throughput is one of the figure, or is bound like one of its points with both models. */
function isFigure(point: Point): boolean {
  return point.test === 'frontier' || (point.sharing === 'gpu' && !isLatency(point));
}

/** A test, or a point of the figure. */
function groupOf({ test, setup, pass }: Point): string {
  return test === 'frontier' ? `${setup} ${pass}` : `test ${test}`;
}

/**
 * Gives points their intervals, by how far predictions of the same kind were off in other tests than the point's own.
 * @param known predictions beside what was measured, of which errors are learnt
 */
export function doubtBy(known: readonly Point[]): (point: Point) => DoubtedPoint {
  const residuals = known
    .filter(({ measured }) => measured > 0)
    .map((point) => ({
      group: groupOf(point),
      point,
      log: Number(Math.abs(Math.log(point.predicted / point.measured)).toFixed(4)),
    }));
  const byKind = KINDS.map((kindOf) => groupBy(residuals, ({ point }) => kindOf(point)));
  const reaches = new Map<string, number>();
  // The same for all points of one kind in one test.
  const reach = (point: Point) =>
    remembered(reaches, `${groupOf(point)} ${KINDS[0]!(point)}`, () => reachOf(point, byKind));
  const widening = leastWidening(MOST_WIDENING, WANTED_PERCENT, (factor) => {
    const within = residuals.filter(({ point, log }) => log <= factor * reach(point));
    return (100 * within.length) / residuals.length;
  });
  return (point) => {
    const factor = Math.exp(reach(point) * widening);
    return {
      ...point,
      low: Number((point.predicted / factor).toFixed(3)),
      high: Number((point.predicted * factor).toFixed(3)),
    };
  };
}

function reachOf(point: Point, byKind: readonly ReadonlyMap<string, readonly Residual[]>[]): number {
  const kinds = KINDS.map((kindOf, i) => byKind[i]!.get(kindOf(point)) ?? []);
  const found = comparableErrors(kinds, groupOf(point), LEAST_RESIDUALS);
  const usual = found === undefined ? UNKNOWN_SHARES : quantile([...found.logs], REACH);
  const isUnseen = isLatency(point) && point.sharing === 'gpu' && found?.near !== 0;
  return isUnseen ? Math.hypot(usual, UNKNOWN_SHARES) : usual;
}
