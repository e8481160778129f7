import { plural } from '../../base/plural.js';
import { formatNumber, formatPercent, formatUsd } from '../format.js';
import { askedAxis, bestByLoad } from './sweep-ask.js';
import {
  columnTitle,
  figure,
  isPriced,
  type ReportedPoint,
  type SweepReport,
  valueText,
} from './sweep-report.js';

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

enum Rank {
  met,
  onFront,
  missed,
  overloaded,
}

/** Whether a point meets every SLO, and keeps up with its load. */
export function meetsAll(point: ReportedPoint): boolean {
  return rankOf(point) === Rank.met;
}

function rankOf({ total, onFront }: ReportedPoint): Rank {
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

/** What the sweep says in a sentence: what meets every SLO, and which of it is best; undefined where nothing has an SLO. */
export function sweepAnswer(report: SweepReport): string | undefined {
  const { points } = report;
  const [best] = bestFirst(report);
  if (best === undefined || points.every(({ total }) => Number.isNaN(figure(total, 'slo_attainment'))))
    return undefined;
  const of = `of ${points.length} ${plural(points.length, 'setting')}`;
  const met = points.filter(meetsAll).length;
  if (met > 0) {
    const which = isPriced(report) ? 'the cheapest' : 'the fastest';
    const byLoad = bestByLoad(report);
    if (byLoad !== undefined)
      return `${capital(which)} ${askedAxis(report) ?? 'setting'} that meets every SLO: ${byLoad}. ${met} ${of} ${plural(met, 'meets', 'meet')} every SLO.`;
    const named = report.axes.length === 0 ? '' : `; ${which} is ${nameOf(report, best)}`;
    return `${met} ${of} ${plural(met, 'meets', 'meet')} every SLO${named}: ${meritsOf(report, best)}.`;
  }
  const none = `None ${of} meets every SLO`;
  if (rankOf(best) === Rank.overloaded) return `${none}: all are overloaded.`;
  const share = formatPercent(figure(best.total, 'slo_attainment'));
  return `${none}; closest is ${nameOf(report, best)}, with ${share} % of requests within their limits.`;
}

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

function nameOf({ axes }: SweepReport, { values }: ReportedPoint): string {
  return axes.map((axis, i) => `${axis} ${valueText(values[i]!)}`).join(', ');
}

function meritsOf(report: SweepReport, { total }: ReportedPoint): string {
  const p99 = `p99 ${formatNumber(figure(total, 'latency_p99_ms'))} ms`;
  return isPriced(report)
    ? `${formatUsd(figure(total, report.cost))} ${columnTitle(report.cost)}, ${p99}`
    : p99;
}
