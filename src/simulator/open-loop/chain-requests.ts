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
    const steps = [...this.#steps.keys()].filter((step) => this.#steps[step]!.model === model);
    const comers = steps.map((step) => this.#steps[step]!.calls);
    if (rows.length > 0) {
      comers.push(CallsToCome.ofClients(this.#ofClients[model]!.queuedNs, rows));
      steps.push(-1);
    }
    const total = comers.reduce((sum, { length }) => sum + length, 0);
    const admitted = { rows: new Int32Array(total), step: new Int16Array(total) };
    this.#admitted[model] = admitted;
    const queuedNs = new Float64Array(total);
    const next = new Int32Array(comers.length);
    let lastNs = -1;
    let lastFrom = -1;
    let lastExecution = -1;
    for (let i = 0; i < total; i++) {
      const from = comers.length === 1 ? 0 : firstDue(comers, next);
      const comer = comers[from]!;
      const place = next[from]!++;
      const atNs = comer.atNs[place]!;
      const execution = comer.execution[place]!;
      if (atNs === lastNs && (from !== lastFrom || execution !== lastExecution)) return undefined;
      lastNs = atNs;
      lastFrom = from;
      lastExecution = execution;
      const step = steps[from]!;
      const parent = comer.parent[place]!;
      const row = step < 0 ? parent : this.#call(this.#steps[step]!, parent, atNs);
      queuedNs[i] = atNs;
      admitted.rows[i] = row;
      admitted.step[i] = step;
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

  #call({ model, isBatched }: Step, parent: number, atNs: number): number {
    const { requests } = this.#setup;
    const row = requests.add(requests.tenant[parent]!, isBatched ? requests.size[parent]! : 1, atNs, atNs);
    requests.server[row] = requests.server[parent]!;
    requests.calls!.add(parent, model);
    return row;
  }
}

/**
 * @param next of each the place of its next call
 * @returns whose is due first, of several the first
 */
function firstDue(comers: readonly CallsToCome[], next: Int32Array): number {
  let first = -1;
  let firstNs = Infinity;
  for (let c = 0; c < next.length; c++) {
    const { atNs, length } = comers[c]!;
    const place = next[c]!;
    if (place >= length || (first >= 0 && atNs[place]! >= firstNs)) continue;
    first = c;
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

/** Calls of one step in the order in which they are made: when, for which request, after which execution; or requests of clients. */
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

  /** @param rows of their requests, which no execution has sent */
  static ofClients(atNs: Float64Array, rows: Int32Array): CallsToCome {
    const comers = new CallsToCome(0);
    return Object.assign(comers, {
      length: rows.length,
      atNs,
      parent: rows,
      execution: new Int32Array(rows.length).fill(-1),
    });
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
