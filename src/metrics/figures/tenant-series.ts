import { Outcome } from '../../trace/request-log.js';
import type { MeasuredTenant } from '../measured-tenant.js';
import { quantileOfSorted } from '../statistics/quantiles.js';
import { sortedTimes } from '../statistics/sort-times.js';
import type { TenantColumns } from './columns.js';
import { distributionOf, type LatencyDistribution } from './latency-cdf.js';
import { leftAtUs } from './log-rows.js';
import type { Window } from './rates.js';
import { type Timeline, TimelineTally } from './timeline.js';

/** What the charts of one tenant are drawn from. */
export interface TenantSeries {
  readonly cdf: LatencyDistribution;
  readonly timeline: Timeline;
}

/** How fine they are. */
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
