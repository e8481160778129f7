import type { LatencyPart } from '../profile/profile.js';
import type { RequestLog } from '../trace/request-log.js';

/** Parts of the mean latency of these completed rows, milliseconds, as a server would count them: its front end counts to the network. */
export function loggedPartsMs(log: RequestLog, rows: readonly number[]): Record<LatencyPart, number> {
  const us = { network: 0, queue: 0, input: 0, infer: 0, output: 0, response: 0 };
  for (const row of rows) {
    us.network += log.networkUs[row]! + log.frontEndUs[row]!;
    us.queue += log.startedUs[row]! - log.queuedUs[row]!;
    us.input += log.inputUs[row]!;
    us.infer += log.inferUs[row]!;
    us.output += log.outputUs[row]!;
    us.response += log.responseUs[row]!;
  }
  const meanMs = (part: LatencyPart) => us[part] / rows.length / 1000;
  return {
    network: meanMs('network'),
    queue: meanMs('queue'),
    input: meanMs('input'),
    infer: meanMs('infer'),
    output: meanMs('output'),
    response: meanMs('response'),
  };
}
