import type { Warning } from '../base/warning.js';
import type { CostBreakdown } from '../cost/cost.js';
import type { LatencyDistribution } from '../metrics/figures/tenant-series.js';
import type { Timeline } from '../metrics/figures/timeline.js';
import type { ReplicationFigures } from '../metrics/replication-figures.js';
import type { Estimate, Summary } from '../metrics/summary.js';
import type { RunDoubt } from './doubt.js';

/**
 * Everything a report of one run says, as plain values: the input of every format (text, JSON, CSV,
 * HTML). Nothing in it depends on when or where it was made.
 */
export interface RunReport {
  readonly summary: Summary;
  /** Where there are several: the summary is that of all of them. */
  readonly replications?: ReplicationFigures;
  readonly cost?: CostBreakdown;
  readonly warnings: readonly Warning[];
  readonly provenance: ReportProvenance;
  readonly series: ReportSeries;
  /** Reference figures to show beside the predicted ones. */
  readonly measured?: readonly Comparison[];
  /** What no placement can beat, to show beside what this one does. */
  readonly bounds?: readonly TenantBound[];
  /** How far the load may grow, if that was asked for. */
  readonly headroom?: Headroom;
  /** What may be where the profiles are not well known, if that was asked for. */
  readonly doubt?: RunDoubt;
}

export interface Headroom {
  /** The largest factor on all loads at which every SLO holds, of those that were simulated; 0 where none did. */
  readonly factor: number;
  /** The least factor found at which one is missed; absent where none was. */
  readonly failsAt?: number;
  /** By factor, ascending. */
  readonly points: readonly HeadroomPoint[];
}

export interface HeadroomPoint {
  readonly factor: number;
  readonly tenants: readonly LoadedTenant[];
}

export interface LoadedTenant {
  readonly tenant: string;
  /** That of its SLO, else 99. */
  readonly percentile: number;
  /** The latency at that percentile; absent where it grows for as long as the load lasts. */
  readonly ms?: Estimate;
  /** Whether its SLO is met; null where it has none, or no request was counted. */
  readonly met: boolean | null;
}

/** What is needed to get the same report again, and where its inputs come from. */
export interface ReportProvenance {
  readonly version: string;
  readonly commit?: string;
  readonly scenarioFile: string;
  readonly seed: string;
  readonly profileSources: readonly ProfileSource[];
  /** How far off the profiles were of what somebody measured, in a line; absent where nobody did. */
  readonly profileErrors?: string;
  /** One line per trace: file or generator, origin and licence. */
  readonly traceSources: readonly string[];
  /** Tenants whose requests arrive at the same times in all runs; absent where there is one run, or none does. */
  readonly sharedArrivals?: readonly string[];
}

export interface ProfileSource {
  readonly model: string;
  readonly device: string;
  readonly source: string;
  readonly licence: string;
}

/** What the charts draw; already thinned to as many points as a chart needs. */
export interface ReportSeries {
  readonly cdfs: readonly LatencyDistribution[];
  readonly timelines: readonly Timeline[];
  readonly deviceTimelines: readonly DeviceTimeline[];
}

export interface DeviceTimeline {
  readonly server: string;
  readonly device: string;
  /** `busyShare` (0..1) of the slice that starts at `timeS`. */
  readonly bins: readonly { readonly timeS: number; readonly busyShare: number }[];
}

/** One predicted figure beside the one that was measured. */
export interface Comparison {
  readonly tenant: string;
  /** Name with its unit, e.g. `p50 ms` or `throughput /s`. */
  readonly metric: string;
  readonly predicted: number;
  readonly measured: number;
  /** 100 (predicted - measured) / measured. */
  readonly errorPercent: number;
  readonly source: string;
}

/**
 * A latency that no placement of the same model on the same kind of device can beat: requests wait for the batcher,
 * never for a device.
 */
export interface TenantBound {
  readonly tenant: string;
  readonly bound: 'unlimited devices';
  readonly p50Ms: number;
  readonly p99Ms: number;
}
