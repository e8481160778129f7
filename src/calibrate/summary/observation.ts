import type { ModelConfig } from '../../scenario/model-config.js';

/**
 * One row of a summary table: a closed loop of `concurrency` clients, each sending a request of
 * `requestBatch` inferences as soon as it has the answer to the one before (perf_analyzer's concurrency
 * mode), or an open loop of requests at a planned rate. Times are means of a request in milliseconds.
 */
export interface SummaryObservation {
  /** Clients; in an open loop the requests in flight on average. */
  readonly concurrency: number;
  /** Present in request-rate mode: nobody waits for an answer before the next request. */
  readonly openLoop?: OpenLoop;
  /**
   * The open loop that was planned and was more than the server, or the threads of the client, could do. It is one of clients then,
   * as many as were in flight: latency would say how long the measurement lasted.
   */
  readonly overload?: OpenLoop;
  readonly requestBatch: number;
  readonly inferencesPerS: number;
  readonly meanLatencyMs: number;
  /** Absent where the table does not split the latency. */
  readonly splitMs?: SummarySplit;
  readonly percentilesMs?: readonly { readonly percentile: number; readonly ms: number }[];
}

export interface OpenLoop {
  readonly requestsPerS: number;
  readonly arrivals: 'constant' | 'poisson';
}

/** Where the mean latency went; the parts add up to it. */
export interface SummarySplit {
  /** All that is neither queue nor compute: client, network, front end, and sending the response. */
  readonly outside: number;
  readonly queue: number;
  readonly input: number;
  readonly infer: number;
  readonly output: number;
}

/** What is known of the server and the model behind a table. */
export interface SummarySetup {
  readonly model: string;
  readonly device: string;
  readonly config: ModelConfig;
  /** Instances that execute side by side on the device. */
  readonly instances: number;
  /** Devices of the kind that have so many each; default 1. */
  readonly devices?: number;
  /** TensorRT's two-deep pipeline, see `ServedModel.pipelined`. */
  readonly pipelined?: boolean;
  /** TensorRT without it, see `ServedModel.takesTurns`. */
  readonly takesTurns?: boolean;
  /** Bytes of one inference; 0 where unknown. */
  readonly payload: { readonly requestBytes: number; readonly responseBytes: number };
  readonly protocol: 'grpc' | 'http';
  /** Memory in which the lone client handed over its inputs. Absent: sent over the network. */
  readonly soloSharedMemory?: 'system' | 'cuda';
  /** The same of several clients. */
  readonly sharedMemory?: 'cuda';
  /** Threads through which requests come in; Triton's default for the protocol where it is absent. */
  readonly frontEndThreads?: number;
}

/** One client, so that nothing waits for anything else: what the request itself costs. */
export function isSolo({ concurrency, openLoop }: SummaryObservation): boolean {
  return concurrency === 1 && openLoop === undefined;
}

/** Mean time of a request in the three phases of its execution, milliseconds. */
export function computeMs({ input, infer, output }: Omit<SummarySplit, 'outside' | 'queue'>): number {
  return input + infer + output;
}

/** One model's table and the server behind it. */
export interface ServedTable {
  readonly setup: SummarySetup;
  /** Rows of one client give the service times, rows of several take part in the fit. */
  readonly observations: readonly SummaryObservation[];
}
