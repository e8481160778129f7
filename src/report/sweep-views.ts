import { TOTAL_ROW } from '../sweep/row.js';
import { formatNumber, formatPercent, formatUsd } from './format.js';
import { figure, type ReportedPoint, type SweepReport, valuesOf } from './sweep-report.js';
import { type ColumnOf, type Table, tableOf } from './tables/table.js';

/** A chart worth drawing of a sweep: a figure over one axis or two. */
export interface SweepView {
  readonly x: string;
  /** Absent where only one axis has several values. */
  readonly y?: string;
  readonly of: string;
  readonly tenant: string;
  readonly drawnAs: 'lines' | 'heatMap';
}

/** Lines beyond this cannot be told apart. */
const MOST_LINES = 8;

/**
 * What to draw where nobody asked for anything else: cost per million inferences, p99 latency and SLO
 * attainment over the axes with the most to show. Axes of seeds are averaged over.
 */
export function sweepViews(report: SweepReport): SweepView[] {
  const axes = report.axes
    .filter((axis) => axis !== 'seed' && valuesOf(report, axis).length > 1)
    .sort((a, b) => Number(isNumeric(report, b)) - Number(isNumeric(report, a)));
  const [first, second] = axes;
  if (first === undefined) return [];
  const figures = ['usd_per_million_inferences', 'latency_p99_ms', 'slo_attainment'];
  const base = { x: first, ...(second === undefined ? {} : { y: second }), tenant: TOTAL_ROW };
  const drawnAs = canBeLines(report, first, second) ? ('lines' as const) : ('heatMap' as const);
  return figures.map((of) => ({
    ...base,
    of,
    drawnAs: of === 'slo_attainment' && second !== undefined ? 'heatMap' : drawnAs,
  }));
}

/** Whether a figure over `x` can be drawn as a line for each value of `y`. */
export function canBeLines(report: SweepReport, x: string, y: string | undefined): boolean {
  return isNumeric(report, x) && (y === undefined || valuesOf(report, y).length <= MOST_LINES);
}

function isNumeric(report: SweepReport, axis: string): boolean {
  return valuesOf(report, axis).every((value) => typeof value === 'number');
}

/** The points as a table, one row each, their totals. */
export function pointsTable(report: SweepReport, points: readonly ReportedPoint[], title: string): Table {
  const columns: ColumnOf<ReportedPoint>[] = [
    { header: 'point', cell: ({ number }) => String(number) },
    ...report.axes.map(
      (axis, i): ColumnOf<ReportedPoint> => ({
        header: axis,
        align: isNumeric(report, axis) ? 'right' : 'left',
        cell: ({ values }) => (typeof values[i] === 'number' ? formatNumber(values[i]) : String(values[i])),
      }),
    ),
    { header: 'requests/s', cell: ({ total }) => formatNumber(figure(total, 'throughput_per_s')) },
    { header: 'p99 ms', cell: ({ total }) => formatNumber(figure(total, 'latency_p99_ms')) },
    { header: 'SLO %', cell: ({ total }) => formatPercent(figure(total, 'slo_attainment')) },
    { header: 'SLOs met', cell: metCell },
    { header: 'busy %', cell: ({ total }) => formatPercent(figure(total, 'utilisation')), dropRank: 2 },
    { header: '$/h', cell: ({ total }) => formatUsd(figure(total, 'usd_per_hour')) },
    {
      header: '$/M inferences',
      cell: ({ total }) => formatUsd(figure(total, 'usd_per_million_inferences')),
      dropRank: 1,
    },
    {
      header: 'stability',
      align: 'left',
      dropRank: 3,
      cell: ({ total }) => ({
        text: String(total['stability']),
        tone: total['stability'] === 'stable' ? 'quiet' : 'bad',
      }),
    },
  ];
  return tableOf(title, points, columns);
}

function metCell({ total }: ReportedPoint): { text: string; tone: 'good' | 'bad' | 'quiet' } {
  const [met, of] = [figure(total, 'slos_met'), figure(total, 'slos')];
  if (of === 0) return { text: '–', tone: 'quiet' };
  return { text: `${met} of ${of}`, tone: met === of ? 'good' : 'bad' };
}
