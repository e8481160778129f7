import type { RequestLog } from '../../trace/request-log.js';
import type { Split } from '../summary.js';
import { addCriticalPath } from './critical-path.js';

/** The parts of a request's latency, in the order in which it passes through them. */
export const PARTS = [
  'client',
  'network',
  'frontEnd',
  'queue',
  'input',
  'infer',
  'output',
  'response',
] as const;
export type Part = (typeof PARTS)[number];

/**
 * Adds up, in microseconds, where completed requests spent their time. The parts of a request add up to its latency: what none of
 * its calls accounts for is its response's, such as a look-up in a cache or the rest of a stream.
 */
export class SplitSum {
  readonly #us = new Float64Array(PARTS.length);
  #count = 0;

  /** `countClient`: latency runs from the planned arrival, so that waiting at the client is part of it. */
  add(log: RequestLog, row: number, countClient: boolean): void {
    this.#count++;
    addPartsUs(log, row, this.#us);
    if (countClient) this.#us[0]! += log.sentUs[row]! - log.plannedUs[row]!;
  }

  meanMs(): Split {
    return meanSplitMs(this.#us, this.#count);
  }
}

/**
 * Mean milliseconds per request; NaN when there is none.
 * @param partsUs sums in the order of {@link PARTS}
 */
export function meanSplitMs(partsUs: Float64Array, requests: number): Split {
  const entries = PARTS.map((part, i) => [part, partsUs[i]! / requests / 1000]);
  return Object.fromEntries(entries) as unknown as Split;
}

/** Adds the parts of a completed request after its client, microseconds, in the order of {@link PARTS}. */
export function addPartsUs(log: RequestLog, row: number, us: Float64Array): void {
  const { calls } = log;
  us[1]! += log.networkUs[row]!;
  us[2]! += log.frontEndUs[row]!;
  const isOneExecution = calls.tree === undefined && calls.execution[row]! >= 0;
  if (!isOneExecution || log.responses !== undefined) return addPathUs(log, row, us);
  us[3]! += calls.startedUs[row]! - calls.queuedUs[row]!;
  us[4]! += calls.inputUs[row]!;
  us[5]! += calls.inferUs[row]!;
  us[6]! += calls.outputUs[row]!;
  us[7]! += calls.responseUs[row]!;
}

/** Of a request with no execution, several calls, or a stream of responses. */
function addPathUs(log: RequestLog, row: number, us: Float64Array): void {
  const serverUs = log.endedUs[row]! - log.sentUs[row]! - log.networkUs[row]! - log.frontEndUs[row]!;
  const time = { queue: 0, input: 0, infer: 0, output: 0 };
  addCriticalPath(log, row, time);
  const known = Number.isNaN(serverUs) ? Number.NaN : 0;
  us[3]! += time.queue + known;
  us[4]! += time.input + known;
  // Executions are kept in single precision, which can round them beyond the end of their request.
  const restUs = serverUs - time.queue - time.input - time.infer - time.output;
  us[5]! += time.infer + Math.min(0, restUs);
  us[6]! += time.output + known;
  us[7]! += Math.max(0, restUs);
}
