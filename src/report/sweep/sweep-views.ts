import { given } from '../../base/given.js';
import { InputError } from '../../base/problem.js';
import { replicationEstimate } from '../../metrics/statistics/intervals.js';
import type { Stability } from '../../metrics/summary.js';
import { TOTAL_ROW } from '../../sweep/row.js';
import { latencyGrows } from '../answer.js';
import { MAX_COLOURED } from '../charts/highlight.js';
import { formatEstimate, formatNumber, formatPercent, formatSetting, formatUsd, UNKNOWN } from '../format.js';
import { type Cell, type ColumnOf, type Table, tableOf } from '../tables/table.js';
import { askedAxis } from './sweep-ask.js';
import { axisPlaces, isNumeric, valuesOf } from './sweep-axes.js';
import { figure, isPriced, type ReportedPoint, type SweepReport } from './sweep-report.js';

/** A chart worth drawing of a sweep: a figure over one axis or two. */
export interface SweepView {
  readonly x: string;
  /** Column of the results that the points of a line stand over, such as the throughput, in place of their values of `x`. */
  readonly over?: string;
  /** Absent where only one axis has several values. */
  readonly y?: string;
  readonly of: string;
  readonly tenant: string;
  readonly drawnAs: 'lines' | 'heatMap';
}

/**
 * What to draw where nobody asked for anything else: cost per million inferences (where anything has a price), the tail of each
 * tenant with an SLO (else p99 of all) and SLO attainment, over the load or the axis with the most to show, for each value of the axis
 * asked about. An axis of seeds is averaged over.
 */
export function sweepViews(report: SweepReport): SweepView[] {
  const [first, second] = axesToShow(report);
  if (first === undefined) return [];
  return figuresOver(report, first, second);
}

function figuresOver(report: SweepReport, x: string, y: string | undefined): SweepView[] {
  const drawnAs = canBeLines(report, x, y) ? ('lines' as const) : ('heatMap' as const);
  const view = (of: string, tenant: string): SweepView => ({
    x,
    ...(y === undefined ? {} : { y }),
    of,
    tenant,
    drawnAs: of === 'slo_attainment' && y !== undefined ? 'heatMap' : drawnAs,
  });
  const tenants = tenantsWithSlo(report).slice(0, MOST_TAILS);
  return [
    ...(isPriced(report) ? [view('usd_per_million_inferences', TOTAL_ROW)] : []),
    ...(tenants.length === 0
      ? [view('latency_p99_ms', TOTAL_ROW)]
      : tenants.map((tenant) => view('slo_latency_ms', tenant))),
    view('slo_attainment', TOTAL_ROW),
  ];
}

/** Tails beyond this are for --chart. */
const MOST_TAILS = 3;

function tenantsWithSlo({ points }: SweepReport): string[] {
  const rows = points.flatMap(({ tenants }) => tenants);
  return [
    ...new Set(
      rows.filter((row) => !Number.isNaN(figure(row, 'slo_limit_ms'))).map(({ tenant }) => String(tenant)),
    ),
  ];
}

/** What somebody wants drawn; what is left open is chosen as in {@link sweepViews}. */
export interface ChartWish {
  /** An axis, or a column of the results. */
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
  const axes = axesToShow(report);
  const over = wish.x === undefined || report.axes.includes(wish.x) ? undefined : wish.x;
  const x = (over === undefined && wish.x) || axes.find((axis) => axis !== wish.y);
  if (x === undefined) throw InputError.of('no axis has several values', 'name one with --x');
  const named = wish.y ?? (askedAxis(report) === axes[1] ? axes[1] : undefined);
  const y = named === x ? undefined : named;
  const drawnAs = over !== undefined || canBeLines(report, x, y) ? 'lines' : 'heatMap';
  return { x, ...given({ over, y }), of, tenant, drawnAs };
}

/**
 * Axes with something to show: the load or another one of numbers, then the one asked about, then the others. Seeds are averaged
 * over.
 */
function axesToShow(report: SweepReport): string[] {
  const asked = askedAxis(report);
  const axes = report.axes
    .filter((axis) => axis !== report.seedAxis && valuesOf(report, axis).length > 1)
    .sort((a, b) => rankOf(report, b) - rankOf(report, a));
  if (asked === undefined || axes.length < 2) return axes;
  const [first, ...rest] = axes.filter((axis) => axis !== asked);
  return [first!, asked, ...rest];
}

function rankOf(report: SweepReport, axis: string): number {
  if (!isNumeric(report, axis)) return 0;
  return report.loadAxes?.includes(axis) ? 2 : 1;
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
  return isNumeric(report, x) && (y === undefined || axisPlaces(report, y).values.length <= MAX_COLOURED);
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
    { header: 'requests/s', cell: (point) => meanCell(point, 'throughput_per_s'), dropRank: 1 },
    { header: 'p99 ms', cell: tailCell },
    { header: 'SLO %', cell: ({ total }) => formatPercent(figure(total, 'slo_attainment')) },
    { header: 'SLOs met', cell: metCell },
    { header: 'busy %', cell: ({ total }) => formatPercent(figure(total, 'busy_share')), dropRank: 3 },
    ...(isPriced(report) ? costColumns(report) : []),
    {
      header: 'stability',
      align: 'left',
      dropRank: 4,
      cell: ({ total }) => ({
        text: String(total['stability']),
        tone: total['stability'] === 'stable' ? 'quiet' : 'bad',
      }),
    },
  ];
  return tableOf(title, points, columns, isOverSeeds ? [SEEDS_NOTE] : []);
}

const SEEDS_NOTE =
  'Points that differ only in their seed are one row: means, with the 95 % interval between them. SLOs are counted under every seed.';

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
      ...(cost === 'usd_per_hour' ? {} : { dropRank: 2 }),
    },
    {
      header: '$/M inferences',
      cell: ({ total }) => formatUsd(figure(total, 'usd_per_million_inferences')),
      ...(cost === 'usd_per_hour' ? { dropRank: 2 } : {}),
    },
  ];
}

function metCell({ total }: ReportedPoint): { text: string; tone: 'good' | 'bad' | 'quiet' } {
  const [met, of] = [figure(total, 'slos_met'), figure(total, 'slos')];
  if (of === 0) return { text: UNKNOWN, tone: 'quiet' };
  return { text: `${met} of ${of}`, tone: met === of ? 'good' : 'bad' };
}
