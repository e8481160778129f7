import type { ComponentResult } from '../simulator/component-result.js';
import type { ResponseColumns } from '../trace/request-log.js';
import type { TenantStages } from './stages.js';

/** What became of one tenant's requests, row by row in order of planned arrival; times in microseconds. */
export interface TenantColumns {
  readonly plannedUs: Float64Array;
  /** When each left the client; the same column as `plannedUs` where nothing holds requests back. */
  readonly sentUs: Float64Array;
  /** When its answer was there; NaN where none came before the end of the run. */
  readonly endedUs: Float64Array;
  /** As in a request log. */
  readonly outcome: Uint8Array;
  /** Inferences of each request; absent: `batchSize` in every one. */
  readonly sizes?: Uint16Array;
  readonly batchSize: number;
  /** What clients had of streams of responses; absent where each request has one. */
  readonly responses?: ResponseColumns;
  /** Where they spent their time; absent where it was not asked for. */
  readonly stages?: TenantStages;
}

/** Inference phases of one component on one device. */
export interface DeviceIntervals {
  readonly server: number;
  readonly device: number;
  /** Ascending each, in nanoseconds and within the run: the k-th start belongs to the k-th end in the union. */
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** Device time of each tenant of the component in microseconds. */
  readonly busyUs: Float64Array;
}

/**
 * What is kept of a simulated component: enough for every figure, a fifth of what a request log takes. Depends on nothing outside of the component, so that it can be used again in
 * every point that has the same one.
 */
export interface ComponentColumns {
  /** In order of the component's tenants. */
  readonly tenants: readonly TenantColumns[];
  readonly devices: readonly DeviceIntervals[];
  /** Executions by batch size, of each served model. */
  readonly byBatchSize: readonly Float64Array[];
  readonly counts: ComponentResult['counts'];
  /** Core-nanoseconds used on each server's host, by server index. */
  readonly hostCoreNs: ReadonlyMap<number, number>;
}
