import type { LatencyPart } from '../profile/profile.js';
import type { RequestLog } from '../trace/request-log.js';

/**
 * Parts of the mean latency of these completed rows, milliseconds, as Triton would count them: its front end counts to the network,
 * and the output of all requests of an execution lasts until the last of their responses has left, although the first was on its
 * way before: that is taken from the network.
 */
export function loggedPartsMs(log: RequestLog, rows: readonly number[]): Record<LatencyPart, number> {
  const lastUs = lastResponsesUs(log, rows);
  const us = { network: 0, queue: 0, input: 0, infer: 0, output: 0 };
  for (const row of rows) {
    const countedUs = lastUs.get(log.execution[row]!)!;
    us.network += log.networkUs[row]! + log.frontEndUs[row]! + log.responseUs[row]! - countedUs;
    us.queue += log.startedUs[row]! - log.queuedUs[row]!;
    us.input += log.inputUs[row]!;
    us.infer += log.inferUs[row]!;
    us.output += log.outputUs[row]! + countedUs;
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

/** By execution, how long after its phases the last of its responses left. */
function lastResponsesUs(log: RequestLog, rows: readonly number[]): ReadonlyMap<number, number> {
  const lastUs = new Map<number, number>();
  for (const row of rows) {
    const execution = log.execution[row]!;
    lastUs.set(execution, Math.max(lastUs.get(execution) ?? 0, log.responseUs[row]!));
  }
  return lastUs;
}
