/** Cumulative distribution of one tenant's latency, ascending in `ms` and in `share`. */
export interface LatencyDistribution {
  readonly tenant: string;
  /** `share` of the completed requests (0..1) took `ms` or less. */
  readonly points: readonly { readonly ms: number; readonly share: number }[];
}

/** Shares that a chart of the tail needs, however few points it has. */
const TAIL_SHARES = [0.99, 0.995, 0.999, 0.9999];

/**
 * The distribution of one tenant's latencies in microseconds at `points` (≥ 2) equally spaced shares from 0 to 1
 * and a few in the tail.
 * @param quantileUs of a share; NaN where there are no latencies: then no points
 */
export function distributionOf(
  tenant: string,
  quantileUs: (share: number) => number,
  points: number,
): LatencyDistribution {
  if (Number.isNaN(quantileUs(0))) return { tenant, points: [] };
  const spaced = Array.from({ length: points }, (_, i) => i / (points - 1));
  const shares = [...new Set([...spaced, ...TAIL_SHARES])].sort((a, b) => a - b);
  return {
    tenant,
    points: shares.map((share) => ({ ms: quantileUs(share) / 1000, share })),
  };
}
