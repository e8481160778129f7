import type { RequestLog } from './request-log.js';

/** A model that was called, and which version of it where that is known. */
export interface CalledModel {
  readonly name: string;
  readonly version?: string;
}

/**
 * The calls of models, as columns in order of the requests that they work for. A plain request is one call; an ensemble or a
 * model that calls others makes several; a response from a cache has none, or one without an execution.
 *
 * Times are microseconds since the start of the run; NaN where one never came.
 */
export interface CallTable {
  /** What `model` counts. A name may stand here more than once. */
  readonly models: readonly CalledModel[];
  readonly model: Uint16Array;
  /** Where the model was called: an index into the log's `servers`. */
  readonly server: Uint16Array;
  /** Which of the model's instances executed it; -1 when none. */
  readonly instance: Int16Array;
  /** When the server put it into the model's queue (Triton's QUEUE_START). */
  readonly queuedUs: Float64Array;
  /** When its execution began. */
  readonly startedUs: Float64Array;
  /** Split of its execution: input copy, inference, output copy (Triton's compute_*), and the time until its own response was sent. */
  readonly inputUs: Float32Array;
  readonly inferUs: Float32Array;
  readonly outputUs: Float32Array;
  readonly responseUs: Float32Array;
  /** Which execution of the run it was part of; -1 when none. Calls batched together share it. */
  readonly execution: Int32Array;
  /** Total inferences of that execution; 0 when none. Of 32 bits where one has more than 16 can hold. */
  readonly executedBatch: Uint16Array | Uint32Array;
  /** How it ended, as `Outcome` counts. */
  readonly outcome: Uint8Array;
  /** Absent where call i is the only call of request i. */
  readonly tree?: CallTree;
}

/** Which calls belong to which request. */
export interface CallTree {
  /** Calls of request i are those from `first[i]` to before `first[i + 1]`: one entry more than requests. */
  readonly first: Uint32Array;
  /** The call that made this one, an earlier one of the same request; -1 where the client made it. */
  readonly parent: Int32Array;
  /** When its last response had left the model. */
  readonly endedUs: Float64Array;
}

/** The first call of a request; its calls end where those of the next request begin. */
export function firstCall({ calls: { tree } }: Pick<RequestLog, 'calls'>, request: number): number {
  return tree === undefined ? request : tree.first[request]!;
}

export function requestOf({ calls: { tree } }: Pick<RequestLog, 'calls'>, call: number): number {
  if (tree === undefined) return call;
  let [low, high] = [0, tree.first.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (tree.first[middle]! <= call) low = middle;
    else high = middle;
  }
  return low;
}

/** When the last response of a call had left the model; NaN where that is not known. */
export function callEndedUs(calls: CallTable, call: number): number {
  return calls.tree === undefined ? plainCallEndedUs(calls, call) : calls.tree.endedUs[call]!;
}

/** The same of a call that made no others. */
export function plainCallEndedUs(calls: CallTable, call: number): number {
  const computedUs = calls.inputUs[call]! + calls.inferUs[call]! + calls.outputUs[call]!;
  return calls.startedUs[call]! + computedUs + calls.responseUs[call]!;
}

export function callsOf(log: Pick<RequestLog, 'calls'>, request: number): number[] {
  const [from, to] = [firstCall(log, request), firstCall(log, request + 1)];
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Mean inferences of the executions that worked on a request; 0 when none did. */
export function meanExecutedBatch(log: Pick<RequestLog, 'calls'>, request: number): number {
  const { executedBatch, tree } = log.calls;
  if (tree === undefined) return executedBatch[request]!;
  const sum = callsOf(log, request).reduce((total, call) => total + executedBatch[call]!, 0);
  return sum / Math.max(1, executionsOf(log, request));
}

export function executionsOf(log: Pick<RequestLog, 'calls'>, request: number): number {
  return callsOf(log, request).filter((call) => log.calls.execution[call]! >= 0).length;
}

/**
 * The calls of a log in which call i is the only one of request i, as plain models leave it.
 * @throws Error where a request has none or several
 */
export function singleCalls({ calls }: Pick<RequestLog, 'calls'>): CallTable {
  if (calls.tree === undefined) return calls;
  throw new Error('a request of this log has no call, or several');
}

/** The calls of requests of which only the client's side is known: none. */
export function unknownCalls(requests: number): CallTable {
  return {
    models: [],
    model: new Uint16Array(),
    server: new Uint16Array(),
    instance: new Int16Array(),
    queuedUs: new Float64Array(),
    startedUs: new Float64Array(),
    inputUs: new Float32Array(),
    inferUs: new Float32Array(),
    outputUs: new Float32Array(),
    responseUs: new Float32Array(),
    execution: new Int32Array(),
    executedBatch: new Uint16Array(),
    outcome: new Uint8Array(),
    tree: { first: new Uint32Array(requests + 1), parent: new Int32Array(), endedUs: new Float64Array() },
  };
}
