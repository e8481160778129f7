import { Outcome } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
import { doubled } from '../containers/doubled.js';
import type { Chain, ChainStep } from './chains.js';
import { addRows } from './fast-path-sink.js';
import { type KnownArrivals, PLAIN } from './known-arrivals.js';

/** Requests of chains, and calls of their steps, as they come to be known. */
export class ChainRequests {
  readonly #setup: ComponentSetup;
  readonly #ofClients: readonly KnownArrivals[];
  /** The steps of all chains. */
  readonly #steps: Step[] = [];
  readonly #admitted: Admitted[] = [];
  /** When each execution started, in the order of the table, and which of them is the first of each stage. */
  #startNs = new Float64Array(1024);
  readonly #firstOfStage: number[] = [];

  constructor(setup: ComponentSetup, chains: readonly Chain[], ofClients: readonly KnownArrivals[]) {
    this.#setup = setup;
    this.#ofClients = ofClients;
    for (const { model, steps } of chains) {
      const rows = this.#addRows(model);
      const responseDelayNs = setup.networkDelay(model).responseDelayUs * 1000;
      const first = this.#steps.length;
      for (const [i, step] of steps.entries()) {
        const next = i + 1 < steps.length ? first + i + 1 : undefined;
        this.#steps.push({ ...step, responseDelayNs, next, calls: new CallsToCome(rows.length) });
      }
      this.#begin(rows, this.#steps[first]!);
    }
  }

  /** The models that run next are those of another stage. */
  beginStage(): void {
    this.#firstOfStage.push(this.#setup.executions.length);
  }

  /**
   * The requests and calls that come to a model, which are all known by now. Adds their rows.
   * @returns undefined where two come at one instant, and not in one execution
   */
  arrivalsAt(model: number): KnownArrivals | undefined {
    const { requests, durationNs, areAllOfOne } = this.#setup;
    const rows = this.#addRows(model);
    const clients = this.#ofClients[model]!.queuedNs;
    const steps = [...this.#steps.keys()].filter((step) => this.#steps[step]!.model === model);
    const calls = steps.map((step) => this.#steps[step]!.calls);
    const total = calls.reduce((sum, { length }) => sum + length, rows.length);
    const admitted = { rows: new Int32Array(total), step: new Int16Array(total) };
    this.#admitted[model] = admitted;
    const queuedNs = new Float64Array(total);
    const next = new Int32Array(steps.length);
    let [nextClient, lastNs, lastFrom, lastExecution] = [0, -1, -1, -1];
    for (let i = 0; i < total; i++) {
      const clientNs = nextClient < rows.length ? clients[nextClient]! : Infinity;
      const from = firstDue(calls, next, clientNs);
      const atNs = from < 0 ? clientNs : calls[from]!.atNs[next[from]!]!;
      const execution = from < 0 ? -1 : calls[from]!.execution[next[from]!]!;
      if (atNs === lastNs && (from !== lastFrom || execution !== lastExecution)) return undefined;
      lastNs = atNs;
      lastFrom = from;
      lastExecution = execution;
      const row = from < 0 ? rows[nextClient++]! : this.#call(this.#steps[steps[from]!]!, next[from]!++);
      queuedNs[i] = atNs;
      admitted.rows[i] = row;
      admitted.step[i] = from < 0 ? -1 : steps[from]!;
      if (atNs < durationNs) requests.queuedNs[row] = atNs;
    }
    const sizes = areAllOfOne ? undefined : Uint16Array.from(admitted.rows, (row) => requests.size[row]!);
    return { ...PLAIN, queuedNs, sentNs: undefined, sizes, onlyTenant: 0 };
  }

  /** Of a model whose arrivals have been asked for. */
  admittedAt(model: number): Admitted {
    return this.#admitted[model]!;
  }

  /** An execution starts. @returns its number in the table */
  started(model: number, instance: number, batch: number, atNs: number): number {
    const number = this.#setup.executions.add(model, instance, batch);
    if (number === this.#startNs.length) this.#startNs = doubled(this.#startNs);
    this.#startNs[number] = atNs;
    return number;
  }

  /**
   * The response to a request has left its instance.
   * @param step of which it was a call
   */
  answered(row: number, step: number, atNs: number, execution: number): void {
    const { requests, durationNs } = this.#setup;
    if (!(atNs < durationNs)) return;
    const { leftNs, parent } = requests.calls!;
    leftNs[row] = atNs;
    requests.outcome[row] = Outcome.completed;
    const { next, responseDelayNs } = this.#steps[step]!;
    if (next !== undefined) this.#steps[next]!.calls.add(atNs, parent[row]!, execution);
    else this.answerClient(parent[row]!, atNs, responseDelayNs);
  }

  answerClient(row: number, leftNs: number, responseDelayNs: number): void {
    const { requests, durationNs } = this.#setup;
    if (leftNs < durationNs) requests.calls!.leftNs[row] = leftNs;
    if (leftNs + responseDelayNs > durationNs) return;
    requests.endedNs[row] = leftNs + responseDelayNs;
    requests.outcome[row] = Outcome.completed;
  }

  /** Numbers executions in the order in which they have started; at one instant by model. */
  numberExecutions(): void {
    const { executions, requests } = this.#setup;
    const { length, model } = executions;
    const startNs = this.#startNs;
    const next = Int32Array.from(this.#firstOfStage);
    const order = new Int32Array(length);
    const numberOf = new Int32Array(length);
    for (let number = 0; number < length; number++) {
      let stage = -1;
      for (let s = 0; s < next.length; s++) {
        const [at, end] = [next[s]!, this.#firstOfStage[s + 1] ?? length];
        if (at === end) continue;
        const before = stage < 0 ? undefined : next[stage]!;
        const isFirst =
          before === undefined ||
          startNs[at]! < startNs[before]! ||
          (startNs[at] === startNs[before] && model[at]! < model[before]!);
        if (isFirst) stage = s;
      }
      numberOf[next[stage]!] = number;
      order[number] = next[stage]!++;
    }
    executions.reorder(order);
    for (let row = 0; row < requests.length; row++) {
      const before = requests.execution[row]!;
      if (before >= 0) requests.execution[row] = numberOf[before]!;
    }
  }

  /** Requests of clients for an ensemble go on to its first step. */
  #begin(rows: Int32Array, { calls }: Step): void {
    const { requests, durationNs } = this.#setup;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const atNs = requests.queuedNs[row]!;
      if (!(atNs < durationNs)) continue;
      requests.startedNs[row] = atNs;
      calls.add(atNs, row, -1);
    }
  }

  /** @returns rows of what clients send to a model, in the order of admission */
  #addRows(model: number): Int32Array {
    const arrivals = this.#ofClients[model]!;
    const { requests } = this.#setup;
    const { first, placeOf } = addRows(this.#setup, model, arrivals);
    const rows = new Int32Array(requests.length - first);
    for (let i = 0; i < rows.length; i++) {
      requests.calls!.add(-1, model);
      rows[i] = first + (placeOf?.[i] ?? i);
    }
    return rows;
  }

  #call({ calls, model, isBatched }: Step, place: number): number {
    const { requests } = this.#setup;
    const parent = calls.parent[place]!;
    const atNs = calls.atNs[place]!;
    const row = requests.add(requests.tenant[parent]!, isBatched ? requests.size[parent]! : 1, atNs, atNs);
    requests.server[row] = requests.server[parent]!;
    requests.calls!.add(parent, model);
    return row;
  }
}

/**
 * @param next of each step the place of its next call
 * @returns whose call is due first, of several the first; -1: none before that time
 */
function firstDue(calls: readonly CallsToCome[], next: Int32Array, beforeNs: number): number {
  let first = -1;
  let firstNs = beforeNs;
  for (let s = 0; s < next.length; s++) {
    const { atNs, length } = calls[s]!;
    const place = next[s]!;
    if (place >= length || atNs[place]! >= firstNs) continue;
    first = s;
    firstNs = atNs[place]!;
  }
  return first;
}

/** What comes to a model, by order of admission. */
export interface Admitted {
  readonly rows: Int32Array;
  /** The step of which each is a call; -1: a client sent it. */
  readonly step: Int16Array;
}

/** A step of a chain, and its calls. */
interface Step extends ChainStep {
  /** From the ensemble's server to the client. */
  readonly responseDelayNs: number;
  readonly calls: CallsToCome;
  /** The step that follows, among those of all chains. */
  readonly next: number | undefined;
}

/** Calls of one step in the order in which they are made: when, for which request, after which execution. */
class CallsToCome {
  length = 0;
  atNs: Float64Array;
  parent: Int32Array;
  execution: Int32Array;

  constructor(capacity: number) {
    const size = Math.max(16, capacity);
    this.atNs = new Float64Array(size);
    this.parent = new Int32Array(size);
    this.execution = new Int32Array(size);
  }

  /** At most as many of those before it are made later as instances have under way. There is one of each request at most. */
  add(atNs: number, parent: number, execution: number): void {
    let at = this.length++;
    for (; at > 0 && this.atNs[at - 1]! > atNs; at--) {
      this.atNs[at] = this.atNs[at - 1]!;
      this.parent[at] = this.parent[at - 1]!;
      this.execution[at] = this.execution[at - 1]!;
    }
    this.atNs[at] = atNs;
    this.parent[at] = parent;
    this.execution[at] = execution;
  }
}
