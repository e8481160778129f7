import type { Component } from './partition.js';
import type { ExecutionTable, RequestTable } from './request-table.js';
import type { ExecutionCounts, SequenceUse } from './result.js';

/** What simulating one component leaves behind. */
export interface ComponentResult {
  readonly component: Component;
  readonly requests: RequestTable;
  readonly executions: ExecutionTable;
  /** Device of each instance, as executions number them, for each served model of the component. */
  readonly deviceOf: readonly (readonly number[])[];
  /** Executions by batch size, for each served model of the component. */
  readonly byBatchSize: readonly Float64Array[];
  /** How often the batcher of each served model overslept, as in `ExecutionCounts`. */
  readonly lostWakeUps: Uint32Array;
  /** Requests that were answered from the cache, and answers that were new to it, of each served model. */
  readonly cacheHits: Uint32Array;
  readonly cacheMisses: Uint32Array;
  /** Of each served model; undefined where it takes no sequences. */
  readonly sequences: readonly (SequenceUse | undefined)[];
  /** Core-nanoseconds used on each server's host, by server index. */
  readonly hostCoreNs: ReadonlyMap<number, number>;
  /** When the servers and devices that were removed were gone. */
  readonly departures: readonly Departure[];
}

/** What was counted of a served model besides its executions. */
export function countsOf(
  {
    lostWakeUps,
    cacheHits,
    cacheMisses,
    sequences,
  }: Pick<ComponentResult, 'lostWakeUps' | 'cacheHits' | 'cacheMisses' | 'sequences'>,
  index: number,
): Omit<ExecutionCounts, 'server' | 'model' | 'byBatchSize'> {
  const [hits, misses] = [cacheHits[index]!, cacheMisses[index]!];
  const ofSequences = sequences[index];
  return {
    lostWakeUps: lostWakeUps[index]!,
    ...(hits + misses > 0 && { cache: { hits, misses } }),
    ...(ofSequences && { sequences: ofSequences }),
  };
}

/** A server or device that was removed and holds nothing of the component any more. */
export interface Departure {
  /** Index of the scenario's change that removed it. */
  readonly change: number;
  /** Infinity: not within the run. */
  readonly atNs: number;
}
