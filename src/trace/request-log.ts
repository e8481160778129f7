import type { CallTable } from './calls.js';

/** How a request ended. The numbers are what the `outcome` column of a request log holds. */
export const Outcome = {
  /** Answered with a result. */
  completed: 0,
  /** Refused at once because the queue was full (`max_queue_size`). */
  rejected: 1,
  /** Answered with an error because it waited longer than its queue timeout. */
  timedOut: 2,
  /** Still in the system when the run ended. */
  unfinished: 3,
  /** The server answered with an error of another kind. */
  failed: 4,
} as const;
export type OutcomeCode = (typeof Outcome)[keyof typeof Outcome];

/** How a request ended that left a queue without being executed. */
export type DropOutcome = typeof Outcome.rejected | typeof Outcome.timedOut;

/**
 * What happened to every request, as columns in order of planned arrival, and to every call of a model that worked on one. The
 * simulator and the live load generator write the same log, so that nothing after it can tell them apart.
 *
 * All times are microseconds since the start of the run, with a fraction where the source has one.
 * A time that never came (a refused request has no result) is NaN.
 */
export interface RequestLog {
  readonly tenants: readonly string[];
  readonly servers: readonly string[];
  readonly tenant: Uint16Array;
  /** To which server it was sent, or might have been where it never was: an index into `servers`. */
  readonly server: Uint16Array;
  /** Inferences in the request. */
  readonly batchSize: Uint16Array;
  /** When the load's schedule says it should leave the client. Latency counts from here. */
  readonly plannedUs: Float64Array;
  /** When it did leave: later than planned under a cap on requests in flight. */
  readonly sentUs: Float64Array;
  /** When the client had the answer; of a stream, the message that ends it: mostly its last response. */
  readonly endedUs: Float64Array;
  /** Time in the front end before the queue: waiting for and using a handler thread. */
  readonly frontEndUs: Float32Array;
  /** Network time in both directions. */
  readonly networkUs: Float32Array;
  readonly outcome: Uint8Array;
  /** Absent where each request has one response at most. */
  readonly responses?: ResponseColumns;
  readonly calls: CallTable;
  /** Length of the run in microseconds; requests not answered by then are unfinished. */
  readonly endUs: number;
}

/** What a request with a stream of responses got, by request. */
export interface ResponseColumns {
  /** Responses that the client had: a stream may end without one. */
  readonly count: Uint32Array;
  /** When it had the first one; NaN where it had none. */
  readonly firstUs: Float64Array;
  /** When it had the last one; absent where that was always the end of the request. */
  readonly lastUs?: Float64Array;
}

/** Rows of the requests that were answered with a result: of one tenant, or of all. */
export function completedRows(
  { outcome, tenant }: Pick<RequestLog, 'outcome' | 'tenant'>,
  of?: number,
): number[] {
  const rows: number[] = [];
  for (let row = 0; row < outcome.length; row++)
    if (outcome[row] === Outcome.completed && (of === undefined || tenant[row] === of)) rows.push(row);
  return rows;
}
