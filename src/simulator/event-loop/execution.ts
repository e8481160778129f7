import type { OutcomeCode } from '../../trace/request-log.js';
import type { Served } from './served.js';

export const Phase = { input: 0, infer: 1, output: 2, response: 3 } as const;

/** One batch on its way through an instance. */
export interface Execution {
  readonly slot: number;
  readonly served: Served;
  readonly instance: number;
  /** Range of the model's requests in the order in which the batcher took them. */
  readonly from: number;
  readonly to: number;
  /** Row in the table of executions. */
  readonly number: number;
  /** Plain time of each phase before the responses. */
  readonly phaseNs: readonly [number, number, number];
  phase: number;
  phaseStartNs: number;
  /** What a thread waits for a core before the phase under way; before the output that is at the end of the inference. */
  waitNs: number;
  /** All that was waited so far. */
  waitedNs: number;
  computeEndNs: number;
  /** Share of its device that it fills by itself. */
  readonly fill: number;
  /** How much it bears of what others on its device cost. */
  readonly contentionFactor: number;
  /** The next request to be answered. */
  nextResponse: number;
  /** What the thread does for models that called this one, before anything else, nanoseconds. */
  owedNs: number;
  /** The error of a model that it called; undefined: none. */
  failure: OutcomeCode | undefined;
}

/** Its server, and its device where it has one, have so many more that have not ended. */
export function countExecution({ served: { host, instances }, instance }: Execution, more: number): void {
  host.executing += more;
  const { device } = instances[instance]!;
  if (device >= 0) host.executingOn[device]! += more;
}

/** Table row of the request at a position of the batcher's order. */
export function rowAt(served: Served, position: number): number {
  const { order } = served.server;
  return served.admitted.rowAt(order === undefined ? position : order[position]!);
}
