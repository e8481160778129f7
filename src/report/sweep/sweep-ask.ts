import { groupBy } from '../../base/group-by.js';
import type { AxisValue } from '../../sweep/axis.js';
import { formatNumber, formatSetting, formatUsd, UNKNOWN } from '../format.js';
import { type ColumnOf, type Table, tableOf } from '../tables/table.js';
import { axisPlaces, isNumeric, valuesOf, valueText } from './sweep-axes.js';
import { bestFirst, meetsAll, roughly } from './sweep-order.js';
import { figure, isPriced, type ReportedPoint, type SweepReport } from './sweep-report.js';

/** The axis that the sweep asks about: the one that its file names, else the first of words; undefined where all are numbers. */
export function askedAxis(report: SweepReport): string | undefined {
  const { ask, axes, seedAxis } = report;
  return (
    ask ??
    axes.find((axis) => axis !== seedAxis && !isNumeric(report, axis) && valuesOf(report, axis).length > 1)
  );
}

/** Other axes than the one asked about that have several values. */
function otherAxes(report: SweepReport, asked: string | undefined): string[] {
  return report.axes.filter(
    (axis) => axis !== asked && axis !== report.seedAxis && valuesOf(report, axis).length > 1,
  );
}

/** Nobody chooses a load: each of its values is a question of its own. Undefined where values are drawn, each another. */
function loadAxis(report: SweepReport, asked: string | undefined): string | undefined {
  const [axis, ...more] = (report.loadAxes ?? []).filter((name) => otherAxes(report, asked).includes(name));
  if (axis === undefined || more.length > 0 || !isNumeric(report, axis)) return undefined;
  return axisPlaces(report, axis).values.length === valuesOf(report, axis).length ? axis : undefined;
}

/**
 * Which value of the axis asked about is best where, of those that meet every SLO: `Tesla T4 at rate 150 to 1,200, V100-32GB at
 * rate 2,400`; where it asks about none, which setting. Undefined where there is nothing to choose between, or no axis of
 * loads to tell apart.
 */
export function bestByLoad(report: SweepReport): string | undefined {
  const asked = askedAxis(report);
  const load = loadAxis(report, asked);
  if (load === undefined || (asked === undefined && otherAxes(report, load).length === 0)) return undefined;
  const choiceOf = (point: ReportedPoint) =>
    asked === undefined
      ? otherAxes(report, load)
          .map((axis) => `${axis} ${valueText(valueAt(report, point, axis))}`)
          .join(', ')
      : valueText(valueAt(report, point, asked));
  const ordered = bestFirst(report).filter(meetsAll);
  const runs: { winner: string; from: number; to: number }[] = [];
  for (const value of axisPlaces(report, load).values as number[]) {
    const held = ordered.filter((point) => valueAt(report, point, load) === value);
    const winner = held.length === 0 ? 'none' : winnerText(report, held, choiceOf);
    const last = runs.at(-1);
    if (last?.winner === winner) last.to = value;
    else runs.push({ winner, from: value, to: value });
  }
  return runs.map(({ winner, from, to }) => `${winner} at ${load} ${spanText(from, to)}`).join(', ');
}

/** The choice of the best point, and those that cost the same: among them the price does not choose. */
function winnerText(
  report: SweepReport,
  [best, ...rest]: ReportedPoint[],
  choiceOf: (point: ReportedPoint) => string,
): string {
  const winner = choiceOf(best!);
  if (!isPriced(report)) return winner;
  const costOf = ({ total }: ReportedPoint) => roughly(figure(total, report.cost));
  const values = rest.filter((point) => costOf(point) === costOf(best!)).map(choiceOf);
  const others = [...new Set(values)].filter((value) => value !== winner);
  if (others.length === 0) return winner;
  const named = others.length > MOST_NAMED ? `${others.length} others` : others.join(' and ');
  return `${winner} (${named} ${others.length === 1 ? 'costs' : 'cost'} the same)`;
}

const MOST_NAMED = 2;

function spanText(from: number, to: number): string {
  return from === to ? formatSetting(from) : `${formatSetting(from)} to ${formatSetting(to)}`;
}

/** A row for each value of the axis asked about, the best first; undefined where the points say the same already. */
export function askedTable(report: SweepReport): Table | undefined {
  const asked = askedAxis(report);
  if (asked === undefined || otherAxes(report, asked).length === 0) return undefined;
  const load = loadAxis(report, asked);
  const choices = choicesOf(report, asked, load);
  const columns: ColumnOf<Choice>[] = [
    {
      header: asked,
      align: isNumeric(report, asked) ? 'right' : 'left',
      cell: ({ value }) => valueText(value),
    },
    { header: 'meet every SLO', cell: ({ points, met }) => `${met.length} of ${points.length}` },
    ...(load === undefined ? [] : [upTo(report, load)]),
    ...settingsOf(report, asked, load).map(
      (axis): ColumnOf<Choice> => ({
        header: axis,
        align: isNumeric(report, axis) ? 'right' : 'left',
        dropRank: 1,
        cell: ({ best }) => valueText(valueAt(report, best, axis)),
      }),
    ),
    {
      header: 'p99 ms',
      cell: ({ best: { total } }) =>
        total['stability'] === 'overloaded'
          ? { text: 'overloaded', tone: 'bad' }
          : formatNumber(figure(total, 'latency_p99_ms')),
    },
    ...(isPriced(report)
      ? [
          {
            header: report.cost === 'usd_per_hour' ? '$/h' : '$/M inferences',
            cell: ({ best }: Choice) => formatUsd(figure(best.total, report.cost)),
          },
        ]
      : []),
  ];
  const where = load === undefined ? '' : `, at the highest ${load} that it holds`;
  return tableOf(`By ${asked}: the best setting of each${where}`, choices, columns);
}

function settingsOf(report: SweepReport, asked: string, load: string | undefined): string[] {
  return otherAxes(report, asked).filter((axis) => axis !== load);
}

function upTo(report: SweepReport, load: string): ColumnOf<Choice> {
  return {
    header: `up to ${load}`,
    cell: ({ met }) => (met.length === 0 ? UNKNOWN : formatSetting(highest(report, met, load))),
  };
}

interface Choice {
  readonly value: AxisValue;
  readonly points: readonly ReportedPoint[];
  readonly met: readonly ReportedPoint[];
  readonly best: ReportedPoint;
}

function choicesOf(report: SweepReport, asked: string, load: string | undefined): Choice[] {
  const byValue = groupBy(bestFirst(report), (point) => valueAt(report, point, asked));
  return [...byValue].map(([value, points]) => {
    const met = points.filter(meetsAll);
    const most = load === undefined ? undefined : highest(report, met, load);
    const best = met.find((point) => most === undefined || valueAt(report, point, load!) === most);
    return { value, points, met, best: best ?? points[0]! };
  });
}

function highest(report: SweepReport, points: readonly ReportedPoint[], axis: string): number {
  return Math.max(...points.map((point) => Number(valueAt(report, point, axis))));
}

export function valueAt({ axes }: SweepReport, { values }: ReportedPoint, axis: string): AxisValue {
  return values[axes.indexOf(axis)]!;
}

/**
 * The report with the best point alone in each place on some axes. As it is where the load differs within a place: the best
 * of several loads says nothing of any of them.
 */
export function bestOfPlaces(report: SweepReport, axes: readonly string[]): SweepReport {
  const asked = askedAxis(report);
  const isLike = (report.loadAxes ?? []).every(
    (axis) => axes.includes(axis) || valuesOf(report, axis).length === 1,
  );
  const isWhole = axes.every(
    (axis) => axisPlaces(report, axis).values.length === valuesOf(report, axis).length,
  );
  const isChosen = asked !== undefined || (report.loadAxes ?? []).some((axis) => axes.includes(axis));
  if (!isChosen || !isLike || !isWhole) return report;
  const places = groupBy(bestFirst(report), (point) =>
    JSON.stringify(axes.map((axis) => valueAt(report, point, axis))),
  );
  return { ...report, points: [...places.values()].map(([best]) => best!) };
}

/** The points at the value of the axis asked about that is best, where neither axis of a chart is that one. */
export function atBestAsked(
  report: SweepReport,
  axes: readonly string[],
): { report: SweepReport; at?: string } {
  const asked = askedAxis(report);
  const [best] = bestFirst(report);
  if (asked === undefined || best === undefined || axes.includes(asked)) return { report };
  const value = valueAt(report, best, asked);
  const points = report.points.filter((point) => valueAt(report, point, asked) === value);
  return { report: { ...report, points }, at: `${asked} ${valueText(value)}` };
}
