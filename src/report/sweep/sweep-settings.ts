import { mean, sum } from 'simple-statistics';
import { groupBy } from '../../base/group-by.js';
import { sharedVerdict } from '../../metrics/replications.js';
import type { Stability } from '../../metrics/summary.js';
import type { SweepCell, SweepRow } from '../../sweep/row.js';
import { markFront, type ReportedPoint, type SweepReport } from './sweep-report.js';

/**
 * The report with the points that differ only in their seed as one: means of their figures, SLOs counted under every seed. As it is
 * where no two points do.
 */
export function overSeeds(report: SweepReport): SweepReport {
  const { seedAxis, ...rest } = report;
  const { axes, points } = report;
  if (seedAxis === undefined) return report;
  const seedAt = axes.indexOf(seedAxis);
  const groups = groupBy(points, ({ values }) => JSON.stringify(values.toSpliced(seedAt, 1)));
  // Random designs may draw the same point twice: the same figures.
  const settings = [...groups.values()].map((alike) =>
    [...groupBy(alike, ({ values }) => String(values[seedAt])).values()].map(([first]) => first!),
  );
  if (settings.every(({ length }) => length === 1)) return report;
  const merged = settings.map((seeds) => settingOf(seeds, seedAt));
  const over = { ...rest, axes: axes.toSpliced(seedAt, 1) };
  return { ...over, points: markFront(over, merged) };
}

function settingOf(seeds: readonly ReportedPoint[], seedAt: number): Omit<ReportedPoint, 'onFront'> {
  const { number, values } = seeds[0]!;
  return {
    number,
    values: values.toSpliced(seedAt, 1),
    total: meanRow(seeds.map(({ total }) => total)),
    tenants: seeds[0]!.tenants.map((_, i) => meanRow(seeds.map(({ tenants }) => tenants[i]!))),
    seeds,
  };
}

function meanRow(totals: readonly SweepRow[]): SweepRow {
  const row: Record<string, SweepCell> = { ...totals[0]! };
  for (const column of Object.keys(row)) {
    const numbers = totals.map((total) => total[column]).filter((cell) => typeof cell === 'number');
    if (numbers.length > 0) row[column] = mean(numbers);
  }
  for (const column of ['slos', 'slos_met']) {
    row[column] = sum(totals.map((total) => Number(total[column])));
  }
  row['slo_met'] = totals.every((total) => total['slo_met'] === true);
  row['stability'] = sharedVerdict(totals.map((total) => total['stability'] as Stability));
  return row;
}
