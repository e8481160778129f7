import { replicationEstimate } from '../../metrics/statistics/intervals.js';
import type { Estimate } from '../../metrics/summary.js';
import { TOTAL_ROW } from '../../sweep/row.js';
import { sweepHeatMap } from '../charts/sweep-heat-map.js';
import { sweepLines } from '../charts/sweep-lines.js';
import { pageTheme } from '../charts/theme.js';
import { formatSetting } from '../format.js';
import { atBestAsked, bestOfPlaces } from '../sweep/sweep-ask.js';
import { type AxisMatrix, axisMatrix } from '../sweep/sweep-matrix.js';
import {
  axisTitle,
  columnTitle,
  figure,
  type ReportedPoint,
  rowOf,
  type SweepReport,
} from '../sweep/sweep-report.js';
import { overSeeds } from '../sweep/sweep-settings.js';
import type { SweepView } from '../sweep/sweep-views.js';

/** What a chart of a sweep shows. */
export function viewTitle(report: SweepReport, view: SweepView): string {
  const { x, y, tenant } = view;
  const whose = tenant === TOTAL_ROW ? '' : `${tenant}: `;
  return `${whose}${figureTitle(report, view)} over ${x}${y === undefined ? '' : ` and ${y}`}`;
}

/**
 * Draws a figure over one axis or two, never averaged over the axis that the sweep asks about: where neither axis is that one, at its
 * best value. With the intervals and the SLO where places are not means. `note` says what a reader has to know of the chart.
 */
export function drawView(
  sweep: SweepReport,
  view: SweepView,
  theme = pageTheme,
): { svg: string; note?: string } {
  const { x, over, y, of, tenant, drawnAs } = view;
  const axes = y === undefined ? [x] : [x, y];
  const { report: asked, at } = atBestAsked(overSeeds(sweep), axes);
  const report = bestOfPlaces(asked, axes);
  const matrixOf = (column: (point: ReportedPoint) => number) =>
    y === undefined ? lineMatrix(report, x, column) : axisMatrix(report, { x, y, of: column });
  const matrix = matrixOf((point) => figureOf(point, tenant, of));
  const limit = of.startsWith('slo_latency') ? ofSlo(report, tenant, 'slo_limit_ms') : undefined;
  const whose = tenant === TOTAL_ROW ? '' : `${tenant}: `;
  const label = `${whose}${figureTitle(report, view)}`;
  const bands = matrix.depth === 1 ? bandsOf(matrixOf, tenant, of) : [];
  const lines = {
    ...(y === undefined ? {} : { lineLabel: y }),
    ...(limit === undefined ? {} : { limits: [limit] }),
    bands,
    ...(over === undefined ? {} : { places: matrixOf((point) => figureOf(point, tenant, over)).means }),
  };
  const xLabel = over === undefined ? axisTitle(sweep, x) : `${whose}${columnTitle(over)}`;
  const svg =
    drawnAs === 'lines'
      ? sweepLines(matrix, { xLabel, label, theme, ...lines })
      : sweepHeatMap(matrix, {
          xLabel,
          yLabel: y === undefined ? '' : axisTitle(sweep, y),
          label,
          isShare: SHARES.includes(of),
          theme,
        });
  const notes = [
    at !== undefined && `At ${at}, the best.`,
    matrix.depth > 1 && `Mean over up to ${matrix.depth} points of each place on these axes.`,
    report.points.some(({ seeds }) => seeds !== undefined) && 'Means over the seeds.',
    report.points.length < asked.points.length && 'The best setting of each place.',
    drawnAs === 'lines' && limit !== undefined && `Broken line: the SLO, ${formatSetting(limit)} ms.`,
    isLatency(of) &&
      report.points.some(isOverloaded) &&
      `${matrix.depth > 1 ? 'Places with overloaded points' : 'Overloaded points'} are left out.`,
  ].filter((note) => note !== false);
  return { svg, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

/** Columns that hold shares 0..1. */
const SHARES: readonly string[] = ['slo_attainment', 'busy_share'];

/** It has no latency to compare, and nobody chooses it. */
export const isOverloaded = ({ total }: ReportedPoint): boolean => total['stability'] === 'overloaded';
const isLatency = (column: string): boolean => /^(slo_)?latency_/.test(column);

function figureOf(point: ReportedPoint, tenant: string, column: string): number {
  // A tail that grows with the length of the run is none to compare.
  const row = isLatency(column) && isOverloaded(point) ? undefined : rowOf(point, tenant);
  return row === undefined ? Number.NaN : figure(row, column);
}

/** What is drawn, with its unit; the percentile of an SLO by its number where all points have the same. */
function figureTitle(report: SweepReport, { of, tenant }: SweepView): string {
  const percentile = of === 'slo_latency_ms' ? ofSlo(report, tenant, 'slo_percentile') : undefined;
  return percentile === undefined ? columnTitle(of) : `p${percentile} latency, ms`;
}

/** The limit or percentile of a tenant's SLO where all points have the same. */
function ofSlo({ points }: SweepReport, tenant: string, column: string): number | undefined {
  const rows = points.map((point) => rowOf(point, tenant)).filter((row) => row !== undefined);
  const values = new Set(rows.map((row) => figure(row, column)));
  const [value] = values;
  return values.size === 1 && value !== undefined && !Number.isNaN(value) ? value : undefined;
}

/** The 95 % intervals of a matrix's figures, by line: between seeds where a point stands for several. */
function bandsOf(
  matrixOf: (column: (point: ReportedPoint) => number) => AxisMatrix,
  tenant: string,
  of: string,
): Estimate[][] {
  const end = (side: 'low' | 'high') =>
    matrixOf((point) => {
      if (point.seeds === undefined) return figureOf(point, tenant, `${of}_${side}`);
      const values = point.seeds.map((seed) => figureOf(seed, tenant, of));
      return Math.max(0, replicationEstimate(values)[side]);
    }).means;
  const [lows, highs] = [end('low'), end('high')];
  return lows.map((line, j) => line.map((low, i) => ({ value: Number.NaN, low, high: highs[j]![i]! })));
}

/** One axis alone: a matrix with a single row. */
function lineMatrix(report: SweepReport, x: string, of: (point: ReportedPoint) => number): AxisMatrix {
  const { means, ...matrix } = axisMatrix(report, { x, y: x, of });
  return { ...matrix, y: [''], means: [means.map((row, i) => row[i]!)] };
}
