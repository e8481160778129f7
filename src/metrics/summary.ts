import type { Warning } from '../base/warning.js';
import type { DeviceUse, HostUse, ModelCounts } from '../simulator/result.js';
import type { StepSummary } from './figures/steps.js';
import type { StreamSlo } from './stream-limits.js';

/** A figure with the 95 % interval of its estimate; `low` and `high` are NaN when it cannot be told. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export const PERCENTILES = [50, 75, 90, 95, 99, 99.9] as const;

/** Whether the system keeps up with what a tenant offers; `judgeStability` says what each verdict means. */
export type Stability = 'stable' | 'backlogged' | 'overloaded';

/** What a request log says, warm-up cut: for each tenant and in total. */
export interface Summary {
  readonly scenario: string;
  readonly seed: string;
  /** Replications behind the figures. */
  readonly runs: number;
  /** Seconds counted, after the warm-up. */
  readonly measuredS: number;
  readonly warmUpS: number;
  readonly tenants: readonly TenantSummary[];
  readonly total: TenantSummary;
  readonly devices: readonly DeviceSummary[];
  readonly hosts: readonly HostUse[];
  readonly models: readonly ModelSummary[];
  readonly warnings: readonly Warning[];
}

/** What the requests of one tenant got, or those of all. */
export interface TenantSummary {
  readonly tenant: string;
  readonly counts: {
    readonly offered: number;
    readonly completed: number;
    readonly rejected: number;
    readonly timedOut: number;
    readonly failed: number;
    readonly inFlightAtEnd: number;
  };
  readonly offeredPerS: number;
  readonly throughputPerS: Estimate;
  readonly inferencesPerS: Estimate;
  /** Requests completed within the SLO's limit per second; without an SLO, the throughput. */
  readonly goodputPerS: Estimate;
  readonly latencyMs: LatencySummary;
  /** Mean milliseconds of a completed request by where it spent them; they add up to the mean latency. */
  readonly splitMs: Split;
  /** Mean inferences of the executions a request was part of, over the requests with one; NaN where none had any. */
  readonly executedBatch: number;
  readonly slo?: SloSummary;
  /** Only where requests are calls of several models: what each of them costs a request. */
  readonly steps?: readonly StepSummary[];
  /** Only where a completed request had several responses, or none. */
  readonly stream?: StreamSummary;
  /** Only of a tenant whose requests belong to sequences. */
  readonly sequences?: SequenceSummary;
  readonly stability: Stability;
}

/** Whole sequences of requests that began in the measured time. */
export interface SequenceSummary {
  readonly begun: number;
  /** Those whose last request came before the end of the run, and all of whose requests were answered. */
  readonly answered: number;
  /** From where the latency of its first request begins to the answer to it: a sequence waits for a slot meanwhile. */
  readonly firstAnswerMs: LatencySummary;
  /** From there to the last answer, of those that were answered: with the time that clients let pass between requests. */
  readonly lastAnswerMs: LatencySummary;
}

/** Completed requests by their responses, where some had several or none. */
export interface StreamSummary {
  /** Requests with more than one response. */
  readonly requests: number;
  /** Responses of a request, with those that had one or none. */
  readonly meanResponses: number;
  /** From where latency begins to the first response, of all that had one. */
  readonly firstResponseMs: LatencySummary;
  /** Mean time between the responses of a request, of those with more than one. */
  readonly betweenResponsesMs: LatencySummary;
}

export interface LatencySummary {
  readonly mean: Estimate;
  readonly max: number;
  /** By percentile, in the order of PERCENTILES, plus the SLO's percentile where it is another. */
  readonly percentiles: readonly { readonly percentile: number; readonly ms: Estimate }[];
}

export interface Split {
  /** Waiting at the client for a free place under a cap on requests in flight. */
  readonly client: number;
  readonly network: number;
  readonly frontEnd: number;
  readonly queue: number;
  readonly input: number;
  readonly infer: number;
  readonly output: number;
  readonly response: number;
}

export interface SloSummary extends StreamSlo {
  readonly percentile: number;
  readonly limitMs: number;
  /** Share of the offered requests answered within the limits, 0..1. Rejected and unanswered ones count as missed. */
  readonly attainment: Estimate;
  /** Null where no request was counted: whether the SLO was met is not known. */
  readonly met: boolean | null;
}

export interface DeviceSummary extends Omit<DeviceUse, 'busyUsByTenant'> {
  /** A profile does not say what its model takes: the memory in use is that of the others. Absent: all do. */
  readonly memoryUnknown?: true;
  readonly shareByTenant: readonly { readonly tenant: string; readonly share: number }[];
}

/** What a model did on a server in all of the run, warm-up included. */
export interface ModelSummary
  extends Pick<ModelCounts, 'busyShare' | 'cache' | 'sequences' | 'kvCache' | 'loading'> {
  readonly server: string;
  readonly model: string;
  readonly executions: number;
  readonly meanBatch: number;
  readonly byBatchSize: readonly number[];
}

/** The share that a percentile asks for. 99.9 / 100 is a last digit above 0.999, which 999 of 1000 reach. */
export function targetShare({ percentile }: Pick<SloSummary, 'percentile'>): number {
  return Number((percentile / 100).toPrecision(15));
}

/** Whether the share that the SLO asks for was reached; null where none is known. */
export function isMet(slo: Pick<SloSummary, 'percentile'>, attainment: Estimate): boolean | null {
  return Number.isNaN(attainment.value) ? null : attainment.value >= targetShare(slo);
}

/** The latency at that percentile, where the summary has it. */
export function percentileOf(
  { latencyMs }: Pick<TenantSummary, 'latencyMs'>,
  percentile: number,
): Estimate | undefined {
  return latencyMs.percentiles.find((row) => row.percentile === percentile)?.ms;
}
