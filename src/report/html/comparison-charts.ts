import { groupBy } from '../../base/group-by.js';
import { type PredictedMeasured, predictedMeasuredChart } from '../charts/predicted-measured.js';
import type { ChartOptions } from '../charts/svg.js';
import type { Comparison } from '../run-report.js';

/** Fewer points than this say more in the table alone. */
const FEWEST_POINTS = 3;

/** One chart per unit (the last word of a metric's name), its figures grouped by metric. */
export function comparisonCharts(rows: readonly Comparison[], options: ChartOptions): readonly string[] {
  const units = groupBy(rows, ({ metric }) => unitOf(metric));
  return [...units]
    .filter(([, comparisons]) => comparisons.length >= FEWEST_POINTS)
    .map(([unit, comparisons]) => predictedMeasuredChart(groupsOf(comparisons), { ...options, unit }));
}

function groupsOf(comparisons: readonly Comparison[]): readonly PredictedMeasured[] {
  return [...groupBy(comparisons, ({ metric }) => metric)].map(([name, points]) => ({ name, points }));
}

function unitOf(metric: string): string {
  return metric.trim().split(/\s+/).at(-1) ?? '';
}
