import { InputError } from '../../base/problem.js';
import { replicationEstimate } from '../../metrics/statistics/intervals.js';
import type { Stability } from '../../metrics/summary.js';
import { TOTAL_ROW } from '../../sweep/row.js';
import { latencyGrows } from '../answer.js';
import { formatEstimate, formatNumber, formatPercent, formatSetting, formatUsd, UNKNOWN } from '../format.js';
import { type Cell, type ColumnOf, type Table, tableOf } from '../tables/table.js';
import { axisPlaces } from './sweep-matrix.js';
import { figure, isPriced, type ReportedPoint, type SweepReport, valuesOf } from './sweep-report.js';

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
 * What to draw where nobody asked for anything else: cost per million inferences (where anything has a price), p99 latency and SLO
 * attainment over the axes with the most to show. An axis of seeds is averaged over.
 */
export function sweepViews(report: SweepReport): SweepView[] {
  const [first, second] = axesToShow(report);
  if (first === undefined) return [];
  return figuresOver(report, first, second);
}

function figuresOver(report: SweepReport, x: string, y: string | undefined): SweepView[] {
  const drawnAs = canBeLines(report, x, y) ? ('lines' as const) : ('heatMap' as const);
  const cost = isPriced(report) ? ['usd_per_million_inferences'] : [];
  return [...cost, 'latency_p99_ms', 'slo_attainment'].map((of) => ({
    x,
    ...(y === undefined ? {} : { y }),
    of,
    tenant: TOTAL_ROW,
    drawnAs: of === 'slo_attainment' && y !== undefined ? 'heatMap' : drawnAs,
  }));
}

/** What somebody wants drawn; what is left open is chosen as in {@link sweepViews}. */
export interface ChartWish {
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  /** Column of the results. */
  readonly figure?: string | undefined;
  readonly tenant?: string | undefined;
}

/**
 * The view of a wish, of a tenant that the sweep has.
 * @throws InputError when there is no axis to draw over
 */
export function viewOf(report: SweepReport, wish: ChartWish): SweepView {
  const { figure: of = 'usd_per_million_inferences', tenant = TOTAL_ROW } = wish;
  const x = wish.x ?? axesToShow(report).find((axis) => axis !== wish.y);
  if (x === undefined) throw InputError.of('no axis has several values', 'name one with --x');
  const y = wish.y === x ? undefined : wish.y;
  const isLines = canBeLines(report, x, y);
  return { x, ...(y === undefined ? {} : { y }), of, tenant, drawnAs: isLines ? 'lines' : 'heatMap' };
}

/** Axes with something to show, numbers first; seeds are averaged over. */
function axesToShow(report: SweepReport): string[] {
  return report.axes
    .filter((axis) => axis !== report.seedAxis && valuesOf(report, axis).length > 1)
    .sort((a, b) => Number(isNumeric(report, b)) - Number(isNumeric(report, a)));
}

/** Pairs of axes beyond this are for --chart. */
const MOST_PAIRS = 10;

/** The views of every other pair of axes, a list for each. */
export function otherViews(report: SweepReport): SweepView[][] {
  const axes = axesToShow(report);
  const pairs = axes.flatMap((x, i) => axes.slice(i + 1).map((y) => ({ x, y })));
  return pairs.slice(1, 1 + MOST_PAIRS).map(({ x, y }) => figuresOver(report, x, y));
}

/** Whether a figure over `x` can be drawn as a line for each value of `y`. */
function canBeLines(report: SweepReport, x: string, y: string | undefined): boolean {
  return isNumeric(report, x) && (y === undefined || axisPlaces(report, y).values.length <= MOST_LINES);
}

function isNumeric(report: SweepReport, axis: string): boolean {
  return valuesOf(report, axis).every((value) => typeof value === 'number');
}

/** The points as a table, one row each, their totals; points that stand for several seeds with the interval between those. */
export function pointsTable(report: SweepReport, points: readonly ReportedPoint[], title: string): Table {
  const isOverSeeds = points.some(({ seeds }) => seeds !== undefined);
  const columns: ColumnOf<ReportedPoint>[] = [
    { header: isOverSeeds ? 'points' : 'point', cell: numberCell },
    ...report.axes.map(
      (axis, i): ColumnOf<ReportedPoint> => ({
        header: axis,
        align: isNumeric(report, axis) ? 'right' : 'left',
        cell: ({ values }) => (typeof values[i] === 'number' ? formatSetting(values[i]) : String(values[i])),
      }),
    ),
    { header: 'requests/s', cell: (point) => meanCell(point, 'throughput_per_s') },
    { header: 'p99 ms', cell: tailCell },
    { header: 'SLO %', cell: ({ total }) => formatPercent(figure(total, 'slo_attainment')) },
    { header: 'SLOs met', cell: metCell },
    { header: 'busy %', cell: ({ total }) => formatPercent(figure(total, 'utilisation')), dropRank: 2 },
    ...(isPriced(report) ? costColumns(report) : []),
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
  return tableOf(title, points, columns, isOverSeeds ? [SEEDS_NOTE] : []);
}

const SEEDS_NOTE =
  'Points that differ only in their seed are one row: means, ± the 95 % interval between them. SLOs are counted under every seed.';

function numberCell({ number, seeds = [] }: ReportedPoint): string {
  if (seeds.length <= 1) return String(number);
  const isRow = seeds.every((seed, i) => seed.number === number + i);
  return isRow
    ? `${number}–${seeds.at(-1)!.number}`
    : `${number}, ${seeds[1]!.number}${seeds.length > 2 ? ', …' : ''}`;
}

/** A figure of the total, or the mean over the seeds that the point stands for, with its interval where they differ. */
function meanCell({ total, seeds = [] }: ReportedPoint, column: string): string {
  const values = seeds.map((seed) => figure(seed.total, column)).filter((value) => !Number.isNaN(value));
  if (new Set(values).size <= 1) return formatNumber(figure(total, column));
  return formatEstimate(replicationEstimate(values));
}

/** A tail that grows with the length of the run is none to compare: the verdict stands there instead, as in the report of a run. */
function tailCell(point: ReportedPoint): Cell {
  const { total } = point;
  const stability = String(total['stability']) as Stability;
  const counts = {
    offered: figure(total, 'offered'),
    rejected: figure(total, 'rejected'),
    timedOut: figure(total, 'timed_out'),
  };
  if (latencyGrows({ stability, counts })) return { text: stability, tone: 'bad' };
  return { text: meanCell(point, 'latency_p99_ms') };
}

/** The cost that points are compared by stays, however narrow the terminal. */
function costColumns({ cost }: SweepReport): ColumnOf<ReportedPoint>[] {
  return [
    {
      header: '$/h',
      cell: ({ total }) => formatUsd(figure(total, 'usd_per_hour')),
      ...(cost === 'usd_per_hour' ? {} : { dropRank: 1 }),
    },
    {
      header: '$/M inferences',
      cell: ({ total }) => formatUsd(figure(total, 'usd_per_million_inferences')),
      ...(cost === 'usd_per_hour' ? { dropRank: 1 } : {}),
    },
  ];
}

function metCell({ total }: ReportedPoint): { text: string; tone: 'good' | 'bad' | 'quiet' } {
  const [met, of] = [figure(total, 'slos_met'), figure(total, 'slos')];
  if (of === 0) return { text: UNKNOWN, tone: 'quiet' };
  return { text: `${met} of ${of}`, tone: met === of ? 'good' : 'bad' };
}
