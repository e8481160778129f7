import { mean } from 'simple-statistics';
import type { LatencyDistribution } from '../metrics/figures/tenant-series.js';
import { quantileOfSorted, sortedTogether } from '../metrics/statistics/quantiles.js';
import { batchShares, kolmogorovSmirnov, largestShareError, wasserstein1 } from './distances.js';
import { type BatchComparison, type LatencyDistance, type TenantCurves, verdictOf } from './report.js';
import { addCounts, type ModelToCompare } from './run-figures.js';

/** The same thing of each live and of each simulated run. */
export interface BothSides<T> {
  readonly measured: readonly T[];
  readonly predicted: readonly T[];
}

/** How far the latencies of both sides are apart; each run's ascending, in milliseconds. */
export function distanceOf(
  tenant: string,
  { measured, predicted }: BothSides<Float64Array>,
): LatencyDistance {
  const [live, simulated] = [sortedTogether(measured), sortedTogether(predicted)];
  const percentOfMean = live.length === 0 ? Number.NaN : 100 / mean(Array.from(live));
  return {
    tenant,
    ksPp: 100 * kolmogorovSmirnov(live, simulated),
    wassersteinPercent: percentOfMean * wasserstein1(live, simulated),
    repeatsKsPp: 100 * largestOfPairs(measured, kolmogorovSmirnov),
    repeatsWassersteinPercent: percentOfMean * largestOfPairs(measured, wasserstein1),
  };
}

/** Undefined where one side has no executions. */
export function batchComparison(
  model: string,
  { measured, predicted }: BothSides<readonly number[]>,
  tolerancePp: number | undefined,
): BatchComparison | undefined {
  const [live, simulated] = [addCounts(measured), addCounts(predicted)];
  const hasAny = (counts: readonly number[]) => counts.some((count) => count > 0);
  if (!hasAny(live) || !hasAny(simulated)) return undefined;
  const shares = batchShares(live, simulated);
  const largestErrorPp = largestShareError(shares);
  const spreadPp = largestOfPairs(measured, (a, b) => largestShareError(batchShares(a, b)));
  const verdict = verdictOf(largestErrorPp, tolerancePp, spreadPp);
  return { model, shares, largestErrorPp, spreadPp, tolerancePp, verdict };
}

/** How much longer measured executions took than simulated ones of the same batch sizes; NaN where no size is in both. */
export function executionPercent({ measured, predicted }: BothSides<ModelToCompare>): number {
  const [live, simulated] = [executedOf(measured), executedOf(predicted)];
  let liveMs = 0;
  let simulatedMs = 0;
  for (const [size, count] of live.counts.entries()) {
    if (!(count > 0 && simulated.counts[size]! > 0)) continue;
    liveMs += live.inferMs[size]!;
    simulatedMs += (count * simulated.inferMs[size]!) / simulated.counts[size]!;
  }
  return 100 * (liveMs / simulatedMs - 1);
}

function executedOf(runs: readonly ModelToCompare[]) {
  return {
    counts: addCounts(runs.map(({ byBatchSize }) => byBatchSize)),
    inferMs: addCounts(runs.map(({ inferMsByBatchSize }) => inferMsByBatchSize)),
  };
}

/** The latency distributions of both sides, all runs of a side together. */
export function curvesOf(tenant: string, { measured, predicted }: BothSides<Float64Array>): TenantCurves {
  return { tenant, measured: curve(sortedTogether(measured)), predicted: curve(sortedTogether(predicted)) };
}

/** Equally spaced shares of a curve, and those of the tail. */
const CURVE_SHARES = [...Array.from({ length: 200 }, (_, i) => i / 199), 0.99, 0.999, 0.9999].sort(
  (a, b) => a - b,
);

function curve(sorted: Float64Array): LatencyDistribution['points'] {
  if (sorted.length === 0) return [];
  return CURVE_SHARES.map((share) => ({ ms: quantileOfSorted(sorted, share), share }));
}

/** NaN for fewer than two. */
function largestOfPairs<T>(items: readonly T[], distance: (a: T, b: T) => number): number {
  const pairs = items.flatMap((a, i) => items.slice(i + 1).map((b) => distance(a, b)));
  return pairs.length === 0 ? Number.NaN : Math.max(...pairs);
}
