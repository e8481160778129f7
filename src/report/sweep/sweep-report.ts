import { groupBy } from '../../base/group-by.js';
import { plural } from '../../base/plural.js';
import type { Warning, WarningCode } from '../../base/warning.js';
import type { AxisValue } from '../../sweep/axis.js';
import { paretoFront } from '../../sweep/pareto.js';
import { CODES_APART, type SweepCell, type SweepRow, TOTAL_ROW, WARNINGS_COLUMN } from '../../sweep/row.js';
import { type SweepTable, tableLength, tableRow } from '../../sweep/sweep-table.js';
import { axisPlaces, valueText } from './sweep-axes.js';

export interface ReportedPoint {
  readonly number: number;
  /** In the order of the axes. */
  readonly values: readonly AxisValue[];
  readonly total: SweepRow;
  readonly tenants: readonly SweepRow[];
  /** Whether no other point under the same load is both cheaper and at least as good. */
  readonly onFront: boolean;
  /** The load, such as `rate 150`; absent where all points have the same. */
  readonly load?: string;
  /** Where it stands for points that differ only in their seed, of which its total holds the means: those points. */
  readonly seeds?: readonly ReportedPoint[];
}

/** Columns of cost by which points are compared. */
export type CostColumn = 'usd_per_hour' | 'usd_per_million_inferences';

export interface SweepReport {
  readonly name: string;
  readonly axes: readonly string[];
  /** Which of the axes varies the seed alone: it is averaged over. */
  readonly seedAxis?: string;
  /** The axis that the sweep file asks about. */
  readonly ask?: string;
  /** Axes that change the load: conditions, which nobody chooses between. */
  readonly loadAxes?: readonly string[];
  /** What must hold of profiles that nobody filled in; absent where there are none. */
  readonly profileGuesses?: string;
  /** What an axis counts, where its name does not say it. */
  readonly units?: Readonly<Record<string, string>>;
  /** The cost that is the same question for all points: by the hour only where all have the same load. */
  readonly cost: CostColumn;
  readonly points: readonly ReportedPoint[];
}

/** Loads that differ by less are draws of the same one under other seeds. */
const SAME_LOAD = 1.05;

/** What the rows of a sweep say, point by point; the front is that of cost against SLO attainment. */
export function sweepReport(
  facts: Pick<SweepReport, 'name' | 'seedAxis' | 'ask' | 'loadAxes' | 'units' | 'profileGuesses'>,
  table: SweepTable,
): SweepReport {
  const byPoint = new Map<number, SweepRow[]>();
  for (let i = 0; i < tableLength(table); i++) {
    const row = tableRow(table, i);
    const rows = byPoint.get(Number(row['point'])) ?? [];
    byPoint.set(Number(row['point']), rows);
    rows.push(row);
  }
  const points = [...byPoint].map(([number, rows]) => {
    const total = rows.find(({ is_total }) => is_total === true)!;
    return {
      number,
      values: table.axes.map((axis) => total[axis] as AxisValue),
      total,
      tenants: rows.filter((row) => row !== total),
    };
  });
  const cost = costColumnOf(points.map(({ total }) => figure(total, 'offered_per_s')));
  const report = { ...facts, axes: table.axes, cost };
  return { ...report, points: markFront(report, points) };
}

/** The points, of which those are told that no other beats under the same load, which nobody chooses. */
export function markFront(
  { axes, loadAxes = [], cost }: Pick<SweepReport, 'axes' | 'loadAxes' | 'cost'>,
  points: readonly Omit<ReportedPoint, 'onFront' | 'load'>[],
): ReportedPoint[] {
  const loads = loadAxes
    .map((axis) => ({ axis, at: axes.indexOf(axis), ...axisPlaces({ axes, points }, axis) }))
    .filter(({ values }) => values.length > 1);
  const loadOf = ({ values }: (typeof points)[number]) =>
    loads.map((load) => `${load.axis} ${valueText(load.values[load.placeOf(values[load.at]!)]!)}`).join(', ');
  const byLoad = [...groupBy(points, loadOf).values()];
  const front = new Set(
    byLoad.flatMap((alike) =>
      paretoFront(alike.map(({ total }) => judged(total, cost))).map((i) => alike[i]!),
    ),
  );
  return points.map((point) => ({
    ...point,
    onFront: front.has(point),
    ...(loads.length > 0 && { load: loadOf(point) }),
  }));
}

function costColumnOf(loads: readonly number[]): CostColumn {
  const most = loads.reduce((a, b) => Math.max(a, b), 0);
  const least = loads.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return most <= least * SAME_LOAD ? 'usd_per_hour' : 'usd_per_million_inferences';
}

/**
 * Cost against the share of requests within the limits of SLOs; without any SLO, against the throughput. What cannot keep up
 * is no choice, however cheap: it has no quality.
 */
function judged(total: SweepRow, cost: CostColumn): { cost: number; quality: number } {
  if (total['stability'] === 'overloaded') return { cost: figure(total, cost), quality: Number.NaN };
  const attainment = figure(total, 'slo_attainment');
  return {
    cost: figure(total, cost),
    quality: Number.isNaN(attainment) ? figure(total, 'throughput_per_s') : attainment,
  };
}

/** Whether any point costs anything: where nothing has a price there is no cost to show. */
export function isPriced({ points }: Pick<SweepReport, 'points'>): boolean {
  return points.some(({ total }) => figure(total, 'usd_per_hour') > 0);
}

/**
 * In how many points there is something to be wary of, by code: profiles used for what they were not measured for, batchers that
 * sleep; undefined where there is none. Sizes between measured ones, which most points have, do not count.
 */
export function warningCountSentence(report: Pick<SweepReport, 'points'>): string | undefined {
  const { points } = report;
  const counts = pointsByCode(report);
  if (counts.size === 0) return undefined;
  const told = points.filter((point) => codesOf(point).length > 0).length;
  const codes = [...counts].map(([code, count]) => `${code} (${count})`).join(', ');
  return `Warnings in ${told} of ${points.length} ${plural(points.length, 'point')}: ${codes}. perseus simulate says of a point’s scenario what they mean.`;
}

/** What to be wary of, each kind once with how many points have it. */
export function pointWarnings(report: Pick<SweepReport, 'points'>): Warning[] {
  const all = report.points.length;
  return [...pointsByCode(report)].map(([code, count]) => {
    const subject = count === all ? 'all points' : `${count} of ${all} points`;
    return { code: code as WarningCode, subject, message: code };
  });
}

function pointsByCode({ points }: Pick<SweepReport, 'points'>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const code of points.flatMap(codesOf)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}

const codesOf = ({ total }: ReportedPoint): string[] =>
  String(total[WARNINGS_COLUMN] ?? '')
    .split(CODES_APART)
    .filter((code) => code !== '' && code !== 'interpolated-batch-size');

/** A cell as a number; NaN where it is none. */
export function figure(row: SweepRow, column: string): number {
  const cell: SweepCell | undefined = row[column];
  return typeof cell === 'number' ? cell : Number.NaN;
}

/** The row of a tenant, or of all together. */
export function rowOf({ total, tenants }: ReportedPoint, tenant: string): SweepRow | undefined {
  return tenant === TOTAL_ROW ? total : tenants.find((row) => row['tenant'] === tenant);
}

const NAMES: Readonly<Record<string, string>> = {
  usd_per_hour: 'USD per hour',
  usd_per_million_inferences: 'USD per million inferences',
  slo_attainment: 'SLO attainment',
  throughput_per_s: 'requests per second',
  goodput_per_s: 'requests per second within the SLO',
  inferences_per_s: 'inferences per second',
  offered_per_s: 'requests per second offered',
  slo_latency_ms: 'latency at the percentile of its SLO, ms',
  busy_share: 'mean busy share of the devices',
};

export function axisTitle({ units = {} }: Pick<SweepReport, 'units'>, axis: string): string {
  return units[axis] === undefined ? axis : `${axis}, ${units[axis]}`;
}

/** What a column holds, in words. */
export function columnTitle(column: string): string {
  const latency = /^latency_(mean|max|p[\d_]+)_ms$/.exec(column);
  if (latency !== null) return `${latency[1]!.replace('_', '.')} latency, ms`;
  return NAMES[column] ?? column.replaceAll('_', ' ');
}
