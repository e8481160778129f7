import { leftAtUs } from '../metrics/columns.js';
import { distributionOf, type LatencyDistribution } from '../metrics/latency-cdf.js';
import type { MeasuredTenant } from '../metrics/measured-tenant.js';
import { type Timeline, TimelineTally } from '../metrics/timeline.js';
import { Outcome } from '../trace/request-log.js';
import type { TenantColumns } from './columns.js';
import { sortedTimes } from './sort-times.js';
import type { Window } from './tenant-figures.js';

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
    const started = stages?.startedUs(row) ?? Number.NaN;
    tally.queue(stages?.queuedUs(row) ?? Number.NaN, Number.isNaN(started) ? left : started);
    if (became === Outcome.completed) tally.complete(ended, ended - beganUs[row]!);
  }
  return {
    cdf: distributionOf(name, sortedTimes(latencyUs), cdfPoints),
    timeline: { tenant: name, bins: tally.slices() },
  };
}
