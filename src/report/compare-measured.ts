import { mean } from 'simple-statistics';
import { quantileOfSorted } from '../metrics/statistics/quantiles.js';
import type { Summary } from '../metrics/summary.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import type { MeasuredScenario } from './build-report.js';
import type { Comparison } from './run-report.js';

/** A figure that was measured elsewhere, to be shown beside the predicted one. */
export type MeasuredFigure = NonNullable<ScenarioSpec['measured']>[number];

const METRICS: Readonly<Record<MeasuredFigure['metric'], string>> = {
  throughputPerS: 'throughput /s',
  meanMs: 'mean ms',
  p25Ms: 'p25 ms',
  p50Ms: 'p50 ms',
  p75Ms: 'p75 ms',
  p90Ms: 'p90 ms',
  p95Ms: 'p95 ms',
  p99Ms: 'p99 ms',
};

/**
 * Puts the predicted figure beside each measured one: throughputs of the summary, latencies as means
 * over the replications.
 */
export function compareMeasured(
  runs: readonly MeasuredScenario[],
  summary: Summary,
  figures: readonly MeasuredFigure[],
): Comparison[] {
  const latencies = new Map<string, Float64Array[]>();
  return figures.map(({ tenant, metric, value, source }) => {
    if (!latencies.has(tenant))
      latencies.set(
        tenant,
        runs.map((run) => latenciesMs(run, tenant)),
      );
    const predicted =
      metric === 'throughputPerS'
        ? (summary.tenants.find((entry) => entry.tenant === tenant)?.throughputPerS.value ?? Number.NaN)
        : mean(latencies.get(tenant)!.map((sorted) => figureOf(sorted, metric)));
    const errorPercent = (100 * (predicted - value)) / value;
    return { tenant, metric: METRICS[metric], predicted, measured: value, errorPercent, source };
  });
}

function figureOf(
  sortedMs: Float64Array,
  metric: Exclude<MeasuredFigure['metric'], 'throughputPerS'>,
): number {
  if (sortedMs.length === 0) return Number.NaN;
  if (metric === 'meanMs') return mean(Array.from(sortedMs));
  return quantileOfSorted(sortedMs, Number(metric.slice(1, -2)) / 100);
}

function latenciesMs({ figures }: MeasuredScenario, tenant: string): Float64Array {
  const index = figures.summary.tenants.findIndex((summary) => summary.tenant === tenant);
  const latenciesUs = figures.tenantLatenciesUs[index] ?? new Float64Array();
  return latenciesUs.map((us) => us / 1000).sort();
}
