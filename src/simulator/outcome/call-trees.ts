import type { Scenario } from '../../scenario/scenario.js';
import { plainCallEndedUs } from '../../trace/calls.js';
import type { RequestLog } from '../../trace/request-log.js';
import type { ComponentResult } from '../component-result.js';
import type { RequestTable } from '../request-table.js';

/** Whether a row is what a client sent; any other is a call that a model made for it. */
export function isRequest({ calls }: RequestTable, row: number): boolean {
  return calls === undefined || calls.parent[row]! < 0;
}

/** The calls of one component's requests, as a log with trees has them. */
export class CallTrees {
  readonly #scenario: Scenario;
  readonly #result: ComponentResult;
  /** Number of the first model of each server among all. */
  readonly #firstModel: readonly number[];
  /** Of each row the next one that works for the same request; -1 after the last. Absent where each request is one call. */
  readonly #next: Int32Array | undefined;
  /** Of each row its call in the log, once it has one. */
  readonly #callOf: Int32Array;

  constructor(scenario: Scenario, result: ComponentResult) {
    this.#scenario = scenario;
    this.#result = result;
    let models = 0;
    this.#firstModel = scenario.servers.map((server) => {
      models += server.models.length;
      return models - server.models.length;
    });
    this.#next = callChains(result.requests);
    this.#callOf = new Int32Array(this.#next === undefined ? 0 : result.requests.length);
  }

  /** The rows that work for the request in `row`, itself first. */
  *rowsOf(row: number): Iterable<number> {
    yield row;
    for (let next = this.#next?.[row] ?? -1; next >= 0; next = this.#next![next]!) yield next;
  }

  /** Says of a call, whose times are there, which model it was of, who made it, how it ended and when. */
  describe({ calls }: RequestLog, call: number, row: number): void {
    const { requests } = this.#result;
    const { parent, leftNs } = requests.calls ?? {};
    calls.model[call] = this.#modelOf(row);
    calls.server[call] = requests.server[row]!;
    calls.outcome[call] = requests.outcome[row]!;
    calls.tree!.endedUs[call] = leftNs === undefined ? plainCallEndedUs(calls, call) : leftNs[row]! / 1000;
    if (parent === undefined) return;
    this.#callOf[row] = call;
    if (parent[row]! >= 0) calls.tree!.parent[call] = this.#callOf[parent[row]!]!;
  }

  #modelOf(row: number): number {
    const { requests, component } = this.#result;
    const server = requests.server[row]!;
    if (requests.calls !== undefined)
      return this.#firstModel[server]! + component.served[requests.calls.model[row]!]!.model;
    const { targets } = this.#scenario.tenants[requests.tenant[row]!]!;
    return (
      this.#firstModel[server]! + (targets.find((target) => target.server === server) ?? targets[0]!).model
    );
  }
}

function callChains({ calls, length }: RequestTable): Int32Array | undefined {
  if (calls === undefined) return undefined;
  const next = new Int32Array(length).fill(-1);
  const root = new Int32Array(length);
  const last = new Int32Array(length);
  for (let row = 0; row < length; row++) {
    const parent = calls.parent[row]!;
    root[row] = parent < 0 ? row : root[parent]!;
    if (parent >= 0) next[last[root[row]!]!] = row;
    last[root[row]!] = row;
  }
  return next;
}
