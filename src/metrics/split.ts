import type { RequestLog } from '../trace/request-log.js';
import type { Split } from './summary.js';

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

/** Adds up, in microseconds, where completed requests spent their time. */
export class SplitSum {
  readonly #us = new Float64Array(PARTS.length);
  #count = 0;

  /** `countClient`: latency runs from the planned arrival, so that waiting at the client is part of it. */
  add(log: RequestLog, row: number, countClient: boolean): void {
    const us = this.#us;
    if (countClient) us[0]! += log.sentUs[row]! - log.plannedUs[row]!;
    us[1]! += log.networkUs[row]!;
    us[2]! += log.frontEndUs[row]!;
    us[3]! += log.startedUs[row]! - log.queuedUs[row]!;
    us[4]! += log.inputUs[row]!;
    us[5]! += log.inferUs[row]!;
    us[6]! += log.outputUs[row]!;
    us[7]! += log.responseUs[row]!;
    this.#count++;
  }

  /** Sum of all parts of all requests added, in microseconds. */
  totalUs(): number {
    return this.#us.reduce((sum, us) => sum + us, 0);
  }

  /** Mean milliseconds per request; NaN when none was added. */
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
