import { Outcome } from '../../trace/request-log.js';
import type { MeasuredTenant } from '../measured-tenant.js';
import { quantileOfSorted } from '../statistics/quantiles.js';
import { sortedTimes } from '../statistics/sort-times.js';
import type { TenantColumns } from './columns.js';
import { leftAtUs } from './log-rows.js';
import type { Window } from './rates.js';
import { type Timeline, TimelineTally } from './timeline.js';

/** What the charts of one tenant are drawn from. */
export interface TenantSeries {
  readonly cdf: LatencyDistribution;
  readonly timeline: Timeline;
}

export interface SeriesSize {
  readonly cdfPoints: number;
  readonly slices: number;
}

/** @param latencyUs of the requests that were planned in the window and completed */
export function tenantSeries(
  columns: TenantColumns,
  { name, latencyFrom }: MeasuredTenant,
  latencyUs: Float64Array,
  { endUs }: Window,
  { cdfPoints, slices }: SeriesSize,
): TenantSeries {
  const { plannedUs, sentUs, endedUs, outcome, stages } = columns;
  const beganUs = latencyFrom === 'sent' ? sentUs : plannedUs;
  const tally = new TimelineTally({ endUs, slices, most: plannedUs.length });
  for (let row = 0; row < plannedUs.length; row++) {
    const [planned, ended, became] = [plannedUs[row]!, endedUs[row]!, outcome[row]!];
    const left = leftAtUs(became, ended, sentUs[row]!, planned);
    tally.add(planned, left);
    stages?.addWaits(row, left, tally);
    if (became === Outcome.completed) tally.complete(ended, ended - beganUs[row]!);
  }
  const sortedUs = sortedTimes(latencyUs);
  return {
    cdf: distributionOf(name, (share) => quantileOfSorted(sortedUs, share), cdfPoints),
    timeline: { tenant: name, bins: tally.slices() },
  };
}

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
