import { figure, type ReportedPoint, type SweepReport } from './sweep-report.js';

/** What {@link bestFirst} goes by, for people. */
export const ORDER =
  'Order: what meets every SLO, the cheapest first; then by SLO attainment; overloaded last.';

/**
 * The points in the order in which a reader wants them: those that meet every SLO, the cheapest first; then those that
 * come closest to it (without any SLO those that no other beats); those that cannot keep up last, whatever a short run of
 * them met. Of equally cheap ones the fastest comes first.
 */
export function bestFirst({ points, cost }: SweepReport): ReportedPoint[] {
  const keys = (point: ReportedPoint) => {
    const rank = rankOf(point);
    return [
      rank,
      rank === Rank.missed ? -figure(point.total, 'slo_attainment') : 0,
      roughly(figure(point.total, cost)),
      figure(point.total, 'latency_p99_ms'),
      point.number,
    ];
  };
  return points
    .map((point) => ({ point, keys: keys(point) }))
    .sort((a, b) => firstDifference(a.keys, b.keys))
    .map(({ point }) => point);
}

/** To three digits: costs per inference that differ only by the draws of the load are the same. */
export const roughly = (usd: number): number => (Number.isNaN(usd) ? usd : Number(usd.toPrecision(3)));

export enum Rank {
  met,
  onFront,
  missed,
  overloaded,
}

/** Whether a point meets every SLO, and keeps up with its load. */
export function meetsAll(point: ReportedPoint): boolean {
  return rankOf(point) === Rank.met;
}

/** How good it is, the best first. */
export function rankOf({ total, onFront }: ReportedPoint): Rank {
  if (total['stability'] === 'overloaded') return Rank.overloaded;
  if (Number.isNaN(figure(total, 'slo_attainment'))) return onFront ? Rank.onFront : Rank.missed;
  return total['slo_met'] === true ? Rank.met : Rank.missed;
}

/** Below 0 where `a` comes first; a figure that is not known comes last. */
function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const [x, y] = [value, b[i]!].map((one) => (Number.isNaN(one) ? Number.POSITIVE_INFINITY : one));
    if (x !== y) return x! < y! ? -1 : 1;
  }
  return 0;
}
