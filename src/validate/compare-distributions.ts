import type { LatencyDistribution } from '../metrics/figures/latency-cdf.js';
import { quantileOfSorted, sortedTogether } from '../metrics/statistics/quantiles.js';
import { type BatchComparison, type BatchShare, type TenantCurves, verdictOf } from './report.js';
import { addCounts, type ModelToCompare } from './run-figures.js';

/** The same thing of each live and of each simulated run. */
export interface BothSides<T> {
  readonly measured: readonly T[];
  readonly predicted: readonly T[];
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
  const pairs = measured.flatMap((a, i) => measured.slice(i + 1).map((b) => batchShares(a, b)));
  const spreadPp = pairs.length === 0 ? Number.NaN : Math.max(...pairs.map(largestShareError));
  const verdict = verdictOf(largestErrorPp, tolerancePp, spreadPp);
  return { model, shares, largestErrorPp, spreadPp, tolerancePp, verdict };
}

/** Shares of each batch size that either side executed. */
export function batchShares(measured: readonly number[], predicted: readonly number[]): BatchShare[] {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const [allMeasured, allPredicted] = [total(measured), total(predicted)];
  const length = Math.max(measured.length, predicted.length);
  const shares: BatchShare[] = [];
  for (let batchSize = 0; batchSize < length; batchSize++) {
    const [ours, theirs] = [predicted[batchSize] ?? 0, measured[batchSize] ?? 0];
    if (ours === 0 && theirs === 0) continue;
    shares.push({
      batchSize,
      measuredPercent: (100 * theirs) / allMeasured,
      predictedPercent: (100 * ours) / allPredicted,
    });
  }
  return shares;
}

/** The largest difference of the shares, in percentage points. */
export function largestShareError(shares: readonly BatchShare[]): number {
  return shares.reduce(
    (most, { measuredPercent, predictedPercent }) =>
      Math.max(most, Math.abs(predictedPercent - measuredPercent)),
    0,
  );
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
