import { callEndedUs, firstCall } from '../trace/calls.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';

/** Microseconds of one request, or of several, by what the calls that it waited for spent them on. */
export interface CallTime {
  queue: number;
  input: number;
  infer: number;
  output: number;
}

/**
 * Adds the time of the calls that a completed request waited for: of those that ran beside each other only the one that ended
 * last, then the one before which it could not begin, and so on. While a call waits for calls that it made itself, the time is theirs.
 */
export function addCriticalPath(log: RequestLog, request: number, time: CallTime): void {
  addCallsOf(log, request, -1, time);
}

/** Adds the critical path among the calls that `parent` made, and gives how long it is. */
function addCallsOf(log: RequestLog, request: number, parent: number, time: CallTime): number {
  let lengthUs = 0;
  let beforeUs = Number.POSITIVE_INFINITY;
  let call = lastCall(log, request, { parent, beforeUs, after: undefined });
  while (call !== undefined) {
    const [queuedUs, endedUs] = [log.calls.queuedUs[call]!, callEndedUs(log.calls, call)];
    beforeUs = Math.min(queuedUs, endedUs);
    if (endedUs > queuedUs) lengthUs += endedUs - queuedUs;
    addCall(log, call, addCallsOf(log, request, call, time), time);
    call = lastCall(log, request, { parent, beforeUs, after: call });
  }
  return lengthUs;
}

interface LastCallQuery {
  readonly parent: number;
  /** The latest end that counts. */
  readonly beforeUs: number;
  /** The call that comes next on the path, which is not found again. */
  readonly after: number | undefined;
}

/** The call of a parent that ended last; of a request with one call that one, however little is known of it. */
function lastCall(log: RequestLog, request: number, query: LastCallQuery): number | undefined {
  const { tree } = log.calls;
  const { parent, beforeUs, after } = query;
  if (tree === undefined) return parent < 0 && after === undefined ? request : undefined;
  const nextUs = after === undefined ? Number.POSITIVE_INFINITY : tree.endedUs[after]!;
  let found: number | undefined;
  for (let call = firstCall(log, request); call < firstCall(log, request + 1); call++) {
    const endedUs = tree.endedUs[call]!;
    if (tree.parent[call] !== parent || !(endedUs <= beforeUs)) continue;
    // Calls that take no time can end together; the path goes through them from the last to the first.
    if (after !== undefined && endedUs === nextUs && call >= after) continue;
    if (found === undefined || endedUs >= tree.endedUs[found]!) found = call;
  }
  return found;
}

/** @param innerUs how long the call waited for others that it made */
function addCall({ calls }: RequestLog, call: number, innerUs: number, time: CallTime): void {
  time.queue += waitedUs(calls, call);
  time.input += calls.inputUs[call]!;
  time.infer += Math.max(0, calls.inferUs[call]! - innerUs);
  time.output += calls.outputUs[call]!;
}

/** A result without an execution comes from a cache and has waited in no queue; another end without one is that of the waiting. */
function waitedUs(calls: RequestLog['calls'], call: number): number {
  const startedUs = calls.startedUs[call]!;
  if (!Number.isNaN(startedUs)) return startedUs - calls.queuedUs[call]!;
  if (calls.outcome[call] === Outcome.completed) return 0;
  const endedUs = callEndedUs(calls, call);
  return Number.isNaN(endedUs) ? 0 : endedUs - calls.queuedUs[call]!;
}
