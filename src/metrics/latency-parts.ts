import type { LatencyPart } from '../profile/profile.js';
import { callEndedUs, requestOf } from '../trace/calls.js';
import type { RequestLog } from '../trace/request-log.js';

/**
 * Parts of the mean latency of requests that made these completed calls, milliseconds, as Triton would count them: its front end
 * counts to the network, and the output of all requests of an execution lasts until the last of their responses has left, although
 * the first was on its way before: that is taken from the network. Further responses of a stream, which Triton does not count, are
 * the network's, too.
 *
 * Of calls from a cache Triton counts how long they took and no queue, input or inference; whatever is none of these is output. Means
 * over the calls, as the server counts, and over the requests, as their clients do.
 */
export function loggedPartsMs(log: RequestLog, all: readonly number[]): Record<LatencyPart, number> {
  const { calls } = log;
  const executed = all.filter((call) => calls.execution[call]! >= 0);
  const requests = calls.tree === undefined ? all : [...new Set(all.map((call) => requestOf(log, call)))];
  const lastUs = lastResponsesUs(log, executed);
  const us = { answered: 0, counted: 0, queue: 0, input: 0, infer: 0 };
  for (const request of requests) us.answered += log.endedUs[request]! - log.sentUs[request]!;
  for (const call of all) {
    const queuedUs = calls.queuedUs[call]!;
    if (calls.execution[call]! < 0) {
      us.counted += callEndedUs(calls, call) - queuedUs;
      continue;
    }
    const [queue, input, infer] = [
      calls.startedUs[call]! - queuedUs,
      calls.inputUs[call]!,
      calls.inferUs[call]!,
    ];
    us.counted += queue + input + infer + calls.outputUs[call]! + lastUs.get(calls.execution[call]!)!;
    us.queue += queue;
    us.input += input;
    us.infer += infer;
  }
  const [queue, input, infer] = [us.queue, us.input, us.infer].map((sum) => sum / executed.length / 1000);
  const counted = us.counted / all.length / 1000;
  const network = us.answered / requests.length / 1000 - counted;
  return { network, queue: queue!, input: input!, infer: infer!, output: counted - queue! - input! - infer! };
}

/** By execution, how long after its phases the last of its responses left. */
function lastResponsesUs({ calls }: RequestLog, executed: readonly number[]): ReadonlyMap<number, number> {
  const lastUs = new Map<number, number>();
  for (const call of executed) {
    const execution = calls.execution[call]!;
    lastUs.set(execution, Math.max(lastUs.get(execution) ?? 0, calls.responseUs[call]!));
  }
  return lastUs;
}
