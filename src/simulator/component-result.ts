import type { Component } from './partition.js';
import type { ExecutionTable, RequestTable } from './request-table.js';
import type { ModelCounts } from './result.js';

/** What simulating one component leaves behind. */
export interface ComponentResult {
  readonly component: Component;
  readonly requests: RequestTable;
  readonly executions: ExecutionTable;
  /** Device of each instance, as executions number them, for each served model of the component. */
  readonly deviceOf: readonly (readonly number[])[];
  /** Executions by batch size, for each served model of the component. */
  readonly byBatchSize: readonly Float64Array[];
  /** What was counted of each served model besides. */
  readonly counts: readonly ModelCounts[];
  /** Core-nanoseconds used on each server's host, by server index. */
  readonly hostCoreNs: ReadonlyMap<number, number>;
  /** When the servers and devices that were removed were gone. */
  readonly departures: readonly Departure[];
}

/** A server or device that was removed and holds nothing of the component any more. */
export interface Departure {
  /** Index of the scenario's change that removed it. */
  readonly change: number;
  /** Infinity: not within the run. */
  readonly atNs: number;
}
