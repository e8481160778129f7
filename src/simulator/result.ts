import type { Warning } from '../base/warning.js';
import type { RequestLog } from '../trace/request-log.js';

/** What a run gives back: the request log, what the devices and hosts did, and what to be wary of. */
export interface SimulationResult {
  readonly log: RequestLog;
  readonly executions: readonly ExecutionCounts[];
  readonly devices: readonly DeviceUse[];
  readonly hosts: readonly HostUse[];
  readonly warnings: readonly Warning[];
}

/** Triton's own counters for one model on one server, over the whole run including warm-up. */
export interface ExecutionCounts extends ModelCounts {
  readonly server: string;
  readonly model: string;
  /** `byBatchSize[b]` executions had `b` inferences; index 0 is unused. */
  readonly byBatchSize: readonly number[];
}

/** What is counted of a served model besides its executions. */
export interface ModelCounts {
  /**
   * How often its batcher slept until it looked around unasked (500 ms) although requests and an instance waited, as Triton's does
   * now and then under a queue policy where requests come right after answers. Nothing else is counted. Absent where it is not
   * known: no counter of Triton's tells it.
   */
  readonly lostWakeUps?: number;
  /** Share of the run in which an instance of it executed. Absent where it has none, where they come and go, and where executions overlap on one. */
  readonly busyShare?: number;
  /** Absent where the response cache had nothing to do with it. */
  readonly cache?: CacheCounts;
  /** Absent where it takes no sequences. */
  readonly sequences?: SequenceUse;
  /** Absent where it has no engine. */
  readonly kvCache?: KvUse;
  /** Share of the run in which a batch had an instance and waited for resources; absent where no rate limiter is on. */
  readonly resourceWaitShare?: number;
  /** Absent where it is loaded all the time. */
  readonly loading?: LoadCounts;
}

/** What became of a model that is loaded when requests ask for it. */
export interface LoadCounts {
  /** Requests that found it loaded, and those that had to wait for that. */
  readonly hits: number;
  readonly misses: number;
  readonly loads: number;
  readonly unloads: number;
  /** Of those that waited and were over within the run. */
  readonly meanWaitMs: number;
  /** Of the run. */
  readonly loadedShare: number;
}

/** Sequences of a model that had a slot, and that waited for one, over the whole run including warm-up. */
export interface SequenceUse {
  /** Of all instances. */
  readonly slots: number;
  readonly slotsUsed: { readonly mean: number; readonly most: number };
  readonly waiting: { readonly mean: number; readonly most: number };
}

/** How full the KV caches of an engine's instances were, over the whole run including warm-up. */
export interface KvUse {
  /** That all of them hold. */
  readonly tokens: number;
  /** `mean` of all of them, `most` of any one. */
  readonly usedShare: { readonly mean: number; readonly most: number };
}

/** What the response cache did for a model. Times are sums over requests, from their coming to the model on. */
export interface CacheCounts {
  /** Requests that were answered from it, and answers that were new to it. */
  readonly hits: number;
  readonly misses: number;
  readonly hitsTookMs: number;
  /** Those that might have been answered from it, and were executed. */
  readonly executed: number;
  readonly executedTookMs: number;
  /** What the cache took of that. */
  readonly cacheTookMs: number;
}

/** What one device of a server did during the run, warm-up included. */
export interface DeviceUse {
  readonly server: string;
  readonly device: string;
  readonly kind: string;
  /** Share of the run in which at least one execution was on the device. */
  readonly busyShare: number;
  /** Device time by tenant in microseconds (an execution's time is divided by inferences). */
  readonly busyUsByTenant: ReadonlyMap<string, number>;
  readonly memoryUsedMb: number;
  readonly memoryMb: number;
  /** Busy share in equal slices of the run, for the time line. */
  readonly timeline: readonly number[];
  /** Share of the run for which the device was there; absent where nothing comes or goes. */
  readonly presentShare?: number;
}

/** What the cores of a server did during the run, warm-up included. */
export interface HostUse {
  readonly server: string;
  readonly cpuCores: number;
  /** Mean cores in use. */
  readonly coresBusy: number;
  /** Share of the run for which the server was there; absent where nothing comes or goes. */
  readonly presentShare?: number;
}
