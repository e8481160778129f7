import { plural } from '../../base/plural.js';
import { formatNumber, formatPercent, formatUsd } from '../format.js';
import { ifRight } from '../provenance.js';
import { askedAxis, bestByLoad } from './sweep-ask.js';
import { valueText } from './sweep-axes.js';
import { bestFirst, meetsAll, Rank, rankOf } from './sweep-order.js';
import { columnTitle, figure, isPriced, type ReportedPoint, type SweepReport } from './sweep-report.js';

/** What the sweep says in a sentence: what meets every SLO, and which of it is best; undefined where nothing has an SLO. */
export function sweepAnswer(report: SweepReport): string | undefined {
  const verdict = sweepVerdict(report);
  return verdict && ifRight(verdict, report.profileGuesses);
}

function sweepVerdict(report: SweepReport): string | undefined {
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
