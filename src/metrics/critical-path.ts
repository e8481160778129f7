import { callEndedUs, callsOf } from '../trace/calls.js';
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
  const { calls } = log;
  const made = callsOf(log, request).filter(
    (call) => (calls.tree?.parent[call] ?? -1) === parent && !Number.isNaN(callEndedUs(calls, call)),
  );
  let lengthUs = 0;
  let beforeUs = Number.POSITIVE_INFINITY;
  for (const call of made.sort((a, b) => callEndedUs(calls, b) - callEndedUs(calls, a) || b - a)) {
    const [queuedUs, endedUs] = [calls.queuedUs[call]!, callEndedUs(calls, call)];
    if (!(endedUs <= beforeUs)) continue;
    beforeUs = Math.min(queuedUs, endedUs);
    if (endedUs > queuedUs) lengthUs += endedUs - queuedUs;
    addCall(log, call, addCallsOf(log, request, call, time), time);
  }
  return lengthUs;
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
  const untilUs = calls.execution[call]! >= 0 ? calls.startedUs[call]! : callEndedUs(calls, call);
  const isCached = calls.execution[call]! < 0 && calls.outcome[call] === Outcome.completed;
  return isCached ? 0 : untilUs - calls.queuedUs[call]!;
}
