import { quantile } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import { comparableErrors, type Residual as LeftOut, leastWidening } from '../support/left-out-doubt.js';
import type { Point } from './judge.js';

/** A point with the interval that its measured figure lies in, 95 of 100 times. */
export interface DoubtedPoint extends Point {
  readonly low: number;
  readonly high: number;
}

/** How far a prediction was off in one test. */
interface Residual extends LeftOut {
  readonly point: Point;
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

/** Intervals by how far predictions of the same kind were off in other tests than the point's own. */
export class Doubt {
  readonly #byKind: readonly ReadonlyMap<string, readonly Residual[]>[];
  readonly #widening: number;

  /** @param known predictions beside what was measured, of which errors are learnt */
  constructor(known: readonly Point[]) {
    const residuals = known
      .filter(({ measured }) => measured > 0)
      .map((point) => ({
        group: groupOf(point),
        point,
        log: Number(Math.abs(Math.log(point.predicted / point.measured)).toFixed(4)),
      }));
    this.#byKind = KINDS.map((kindOf) => groupBy(residuals, ({ point }) => kindOf(point)));
    this.#widening = leastWidening(MOST_WIDENING, WANTED_PERCENT, (widening) =>
      this.#coverage(residuals, widening),
    );
  }

  of(point: Point): DoubtedPoint {
    const factor = Math.exp(this.#reach(point) * this.#widening);
    return {
      ...point,
      low: Number((point.predicted / factor).toFixed(3)),
      high: Number((point.predicted * factor).toFixed(3)),
    };
  }

  readonly #reaches = new Map<string, number>();

  /** The same for all points of one kind in one test. */
  #reach(point: Point): number {
    const key = `${groupOf(point)} ${KINDS[0]!(point)}`;
    const reach = this.#reaches.get(key) ?? this.#reachOf(point);
    this.#reaches.set(key, reach);
    return reach;
  }

  #reachOf(point: Point): number {
    const kinds = KINDS.map((kindOf, i) => this.#byKind[i]!.get(kindOf(point)) ?? []);
    const found = comparableErrors(kinds, groupOf(point), LEAST_RESIDUALS);
    const usual = found === undefined ? UNKNOWN_SHARES : quantile([...found.logs], REACH);
    const isUnseen = isLatency(point) && point.sharing === 'gpu' && found?.near !== 0;
    return isUnseen ? Math.hypot(usual, UNKNOWN_SHARES) : usual;
  }

  #coverage(residuals: readonly Residual[], widening: number): number {
    const within = residuals.filter(({ point, log }) => log <= widening * this.#reach(point));
    return (100 * within.length) / residuals.length;
  }
}
