import type { LatencyPart } from '../profile/profile.js';
import { callEndedUs, requestOf } from '../trace/calls.js';
import type { RequestLog } from '../trace/request-log.js';

/**
 * Parts of the mean latency of requests that made these completed calls, milliseconds, as Triton would count them: its front end
 * counts to the network, and the output of all requests of an execution lasts until the last of their responses has left, although
 * the first was on its way before: that is taken from the network. Further responses of a stream, which Triton does not count, are
 * the network's, too.
 *
 * Of calls from a cache Triton counts how long they took and no queue, input or inference; whatever is none of these is output.
 */
export function loggedPartsMs(log: RequestLog, calls: readonly number[]): Record<LatencyPart, number> {
  const { tree, execution } = log.calls;
  const isPlain = tree === undefined && calls.every((call) => execution[call]! >= 0);
  return isPlain ? plainPartsMs(log, calls) : treePartsMs(log, calls);
}

/** Of requests with one execution each. */
function plainPartsMs(log: RequestLog, rows: readonly number[]): Record<LatencyPart, number> {
  const { calls } = log;
  const lastUs = lastResponsesUs(log, rows);
  const us = { network: 0, queue: 0, input: 0, infer: 0, output: 0 };
  for (const row of rows) {
    const countedUs = lastUs.get(calls.execution[row]!)!;
    const queueUs = calls.startedUs[row]! - calls.queuedUs[row]!;
    const computeUs = calls.inputUs[row]! + calls.inferUs[row]! + calls.outputUs[row]!;
    us.network += log.endedUs[row]! - log.sentUs[row]! - queueUs - computeUs - countedUs;
    us.queue += queueUs;
    us.input += calls.inputUs[row]!;
    us.infer += calls.inferUs[row]!;
    us.output += calls.outputUs[row]! + countedUs;
  }
  const meanMs = (part: LatencyPart) => us[part] / rows.length / 1000;
  return {
    network: meanMs('network'),
    queue: meanMs('queue'),
    input: meanMs('input'),
    infer: meanMs('infer'),
    output: meanMs('output'),
  };
}

/** Of any requests: means over the calls, as the server counts, and over the requests, as their clients do. */
function treePartsMs(log: RequestLog, all: readonly number[]): Record<LatencyPart, number> {
  const { calls } = log;
  const executed = all.filter((call) => calls.execution[call]! >= 0);
  const requests = [...new Set(all.map((call) => requestOf(log, call)))];
  const lastUs = lastResponsesUs(log, executed);
  const meanMs = (rows: readonly number[], us: (row: number) => number) =>
    rows.reduce((sum, row) => sum + us(row), 0) / rows.length / 1000;
  const computeUs = (call: number) => calls.inputUs[call]! + calls.inferUs[call]! + calls.outputUs[call]!;
  const countedUs = (call: number) => {
    if (calls.execution[call]! < 0) return callEndedUs(calls, call) - calls.queuedUs[call]!;
    const leftUs = calls.startedUs[call]! + computeUs(call) + lastUs.get(calls.execution[call]!)!;
    return leftUs - calls.queuedUs[call]!;
  };
  const counted = meanMs(all, countedUs);
  const queue = meanMs(executed, (call) => calls.startedUs[call]! - calls.queuedUs[call]!);
  const input = meanMs(executed, (call) => calls.inputUs[call]!);
  const infer = meanMs(executed, (call) => calls.inferUs[call]!);
  const network = meanMs(requests, (row) => log.endedUs[row]! - log.sentUs[row]!) - counted;
  return { network, queue, input, infer, output: counted - queue - input - infer };
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
