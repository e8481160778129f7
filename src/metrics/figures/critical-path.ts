import { callEndedUs, callsOf, plainCallEndedUs } from '../../trace/calls.js';
import { Outcome, type RequestLog } from '../../trace/request-log.js';

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
  visitCriticalPath(log, request, (_, spent) => {
    time.queue += spent.queue;
    time.input += spent.input;
    time.infer += spent.infer;
    time.output += spent.output;
  });
}

/** Tells of each of these calls what it spent. */
export function visitCriticalPath(log: RequestLog, request: number, visit: Visit): void {
  visitCallsOf(log, request, -1, visit);
}

/** `streamed`: microseconds from the end of its execution until the last of its responses that something waited for. */
type Visit = (call: number, spent: CallTime & { readonly streamed: number }) => void;

/** The calls on the critical path among those that `parent` made. @returns how long it is */
function visitCallsOf(log: RequestLog, request: number, parent: number, visit: Visit): number {
  const { calls } = log;
  const made = callsOf(log, request).filter(
    (call) => (calls.tree?.parent[call] ?? -1) === parent && !Number.isNaN(callEndedUs(calls, call)),
  );
  const streams = made.filter((call) => isStream(calls, call));
  let lengthUs = 0;
  let beforeUs = Number.POSITIVE_INFINITY;
  const take = (call: number) => {
    const untilUs = Math.min(callEndedUs(calls, call), beforeUs);
    const queuedUs = calls.queuedUs[call]!;
    beforeUs = Math.min(queuedUs, untilUs);
    if (untilUs > queuedUs) lengthUs += untilUs - queuedUs;
    const innerUs = visitCallsOf(log, request, call, visit);
    visit(call, {
      queue: waitedUs(calls, call),
      input: calls.inputUs[call]!,
      infer: Math.max(0, calls.inferUs[call]! - innerUs),
      output: calls.outputUs[call]!,
      streamed: isStream(calls, call) ? Math.max(0, untilUs - plainCallEndedUs(calls, call)) : 0,
    });
  };
  // A response in a stream may have made the call before which nothing else ended just then.
  const takeMaker = (endedUs: number) => {
    const maker = streams.find(
      (call) => plainCallEndedUs(calls, call) <= beforeUs && beforeUs < callEndedUs(calls, call),
    );
    if (maker !== undefined && endedUs < beforeUs && calls.queuedUs[maker]! < beforeUs) take(maker);
  };
  for (const call of made.sort((a, b) => callEndedUs(calls, b) - callEndedUs(calls, a) || b - a)) {
    const endedUs = callEndedUs(calls, call);
    if (!(endedUs <= beforeUs)) continue;
    takeMaker(endedUs);
    if (endedUs <= beforeUs) take(call);
  }
  takeMaker(Number.NEGATIVE_INFINITY);
  return lengthUs;
}

/** Whether responses of its execution come after it: those of a decoupled model. */
function isStream(calls: RequestLog['calls'], call: number): boolean {
  return calls.execution[call]! >= 0 && callEndedUs(calls, call) > plainCallEndedUs(calls, call) + ROUNDED_US;
}

/** Times of an execution are rounded more than its end. */
const ROUNDED_US = 1;

/**
 * Until it begins: an ensemble waits for its models to be loaded. What ends before it has begun has waited until then, but for what a
 * cache answers.
 */
function waitedUs(calls: RequestLog['calls'], call: number): number {
  const startedUs = calls.startedUs[call]!;
  const hasBegun = !Number.isNaN(startedUs);
  if (!hasBegun && calls.outcome[call] === Outcome.completed) return 0;
  return (hasBegun ? startedUs : callEndedUs(calls, call)) - calls.queuedUs[call]!;
}
