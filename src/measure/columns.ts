import type { TenantColumns } from '../metrics/figures/columns.js';
import type { ComponentResult } from '../simulator/component-result.js';

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
