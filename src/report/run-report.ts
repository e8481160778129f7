import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { Summary } from '../metrics/summary.js';
import type { reportSchema } from './report-schema.js';

/**
 * Everything a report of one run says, as plain values: the input of every format (text, JSON, CSV,
 * HTML). Nothing in it depends on when or where it was made.
 */
export type RunReport = Immutable<z.output<typeof reportSchema>> & { readonly summary: Summary };

/**
 * What may be of a run where the times of its profiles are not well known: between the run in which all are as fast, and that
 * in which all are as slow, as their errors allow. The noise of the run is in it.
 */
export type RunDoubt = NonNullable<RunReport['doubt']>;
export type TenantDoubt = RunDoubt['tenants'][number];

/** How far the load may grow. */
export type Headroom = NonNullable<RunReport['headroom']>;
export type HeadroomPoint = Headroom['points'][number];
export type LoadedTenant = HeadroomPoint['tenants'][number];

/** What is needed to get the same report again, and where its inputs come from. */
export type ReportProvenance = RunReport['provenance'];

/** What the charts draw; already thinned to as many points as a chart needs. */
export type ReportSeries = RunReport['series'];
export type DeviceTimeline = ReportSeries['deviceTimelines'][number];

/** What is told beside a report. */
export interface TrustNote {
  /** What past validations say of predictions like this one. */
  readonly trust?: string;
}

/** One predicted figure beside the one that was measured. */
export type Comparison = NonNullable<RunReport['measured']>[number];

/**
 * A latency that no placement of the same model on the same kind of device can beat: requests wait for the batcher,
 * never for a device.
 */
export type TenantBound = NonNullable<RunReport['bounds']>[number];
