import type { DrawnArrivals } from './synthesis/drawn-trace.js';

/**
 * Arrivals, as columns: row i is the i-th request. Rows are ordered by `arrivalUs`; rows that
 * arrive at the same microsecond keep their order, which is the order of admission.
 *
 * Typed arrays, so that a trace can be handed to a worker or a file as it is. A column that is
 * left out has its default in every row.
 */
export interface Trace {
  /** Names of the tenants; `tenant` holds indices into this list. */
  readonly tenants: readonly string[];
  /** Planned arrival, whole microseconds since the start of the trace, never decreasing. */
  readonly arrivalUs: Float64Array;
  /** Who sends the request: an index into `tenants`. */
  readonly tenant: Uint16Array;
  /** Inferences in the request (its first tensor dimension), 0 = as the tenant says. Default 0. */
  readonly batchSize?: Uint16Array;
  /** Request body in bytes, 0 = as the tenant or model says. Default 0. */
  readonly payloadBytes?: Uint32Array;
  /** Triton priority, 1 = highest, 0 = the model's default level. Default 0. */
  readonly priority?: Uint32Array;
  /** The request's own queue timeout in microseconds, 0 = none. Default 0. */
  readonly timeoutUs?: Float64Array;
  /** Triton sequence (correlation) id, 0 = none. Default 0. */
  readonly sequenceId?: Float64Array;
  /** What it does in its sequence: 1 starts it, 2 ends it, 3 both. Default: the first of an id starts, its last one ends. */
  readonly sequenceFlags?: Uint16Array;
  /** What the request holds: requests with the same number are equal, 0 = like no other. Default 0. */
  readonly contentId?: Float64Array;
  /** Tokens that a language model reads of it, and that it answers with; 0 = as the tenant says. Default 0. */
  readonly promptTokens?: Uint32Array;
  readonly outputTokens?: Uint32Array;
  /** Length of the trace in microseconds: at least the last arrival. Rates are counted over it. */
  readonly durationUs: number;
  /** Where arrivals are drawn only when they are asked for: how. */
  readonly drawn?: DrawnArrivals;
  /** Where it comes from: file, generator call, licence. One line for people. */
  readonly source?: string;
}

/** The optional columns of a trace, in the order in which files write them. */
export const OPTIONAL_COLUMNS = [
  'batchSize',
  'payloadBytes',
  'priority',
  'timeoutUs',
  'sequenceId',
  'sequenceFlags',
  'contentId',
  'promptTokens',
  'outputTokens',
] as const;
export type OptionalColumn = (typeof OPTIONAL_COLUMNS)[number];

/** Number of requests. */
export function traceLength(trace: Trace): number {
  return trace.arrivalUs.length;
}
