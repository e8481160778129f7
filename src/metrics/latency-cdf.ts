import { deriveColumns, rowsByTenant } from './columns.js';
import { quantileOfSorted, sortedValues } from './statistics/quantiles.js';
import type { LoggedRun } from './timeline.js';

/** Cumulative distribution of one tenant's latency, ascending in `ms` and in `share`. */
export interface LatencyDistribution {
  readonly tenant: string;
  /** `share` of the completed requests (0..1) took `ms` or less. */
  readonly points: readonly { readonly ms: number; readonly share: number }[];
}

/** Shares that a chart of the tail needs, however few points it has. */
const TAIL_SHARES = [0.99, 0.995, 0.999, 0.9999];

/**
 * The latency distribution of every tenant at `points` (≥ 2) equally spaced shares from 0 to 1 and a few
 * in the tail, over the requests planned after `warmUpUs` and completed. No points where there are none.
 */
export function latencyCdfs(
  { log, tenants, warmUpUs }: LoggedRun & { readonly warmUpUs: number },
  points: number,
): LatencyDistribution[] {
  const { latencyUs } = deriveColumns(log, tenants);
  return rowsByTenant(log).map((rows, index) => {
    const counted = rows.filter((row) => log.plannedUs[row]! >= warmUpUs);
    const sorted = sortedValues(Float64Array.from(counted, (row) => latencyUs[row]!));
    return distributionOf(log.tenants[index]!, sorted, points);
  });
}

/** As {@link latencyCdfs}, of one tenant's latencies in microseconds, ascending. */
export function distributionOf(tenant: string, sortedUs: Float64Array, points: number): LatencyDistribution {
  if (sortedUs.length === 0) return { tenant, points: [] };
  const spaced = Array.from({ length: points }, (_, i) => i / (points - 1));
  const shares = [...new Set([...spaced, ...TAIL_SHARES])].sort((a, b) => a - b);
  return {
    tenant,
    points: shares.map((share) => ({ ms: quantileOfSorted(sortedUs, share) / 1000, share })),
  };
}
