import type { OutcomeCode } from '../../../trace/request-log.js';
import type { Served } from '../served.js';
import type { EarlyResponse } from './early-responses.js';

export const Phase = {
  input: 0,
  infer: 1,
  output: 2,
  response: 3,
  /** Its process is dead, and the server does not know it yet. */
  dead: 4,
  /** What is under way is over when it is, and nobody waits for it: the process that did it is dead. */
  forsaken: 5,
} as const;

/** One batch on its way through an instance. */
export class Execution {
  readonly slot: number;
  readonly served: Served;
  instance = 0;
  /** Range of the model's requests in the order in which the batcher took them. */
  from = 0;
  to = 0;
  /** Row in the table of executions; -1 where there was none. */
  number = 0;
  /** Plain time of each phase before the responses. */
  readonly phaseNs: [number, number, number] = [0, 0, 0];
  startNs = 0;
  phase = 0;
  phaseStartNs = 0;
  /** What a thread waits for a core before the phase under way; before the output that is at the end of the inference. */
  waitNs = 0;
  /** All that was waited so far. */
  waitedNs = 0;
  computeEndNs = 0;
  /** Share of its device that it fills by itself. */
  fill = 0;
  /** The next request to be answered. */
  nextResponse = 0;
  /** The error of a model that it called; undefined: none. */
  failure: OutcomeCode | undefined;
  /** What is still to leave before its inference is over, last first. */
  early: EarlyResponse[] = [];

  constructor(slot: number, served: Served) {
    this.slot = slot;
    this.served = served;
  }

  /** An execution begins, as the served run has drawn it; one object has many, one after the other. */
  begin(instance: number, from: number, to: number, batch: number, number: number, nowNs: number): void {
    const { run } = this.served;
    this.instance = instance;
    this.from = from;
    this.to = to;
    this.number = number;
    this.phaseNs[0] = run.inputNs;
    this.phaseNs[1] = run.inferNs;
    this.phaseNs[2] = run.outputNs;
    this.startNs = nowNs;
    this.phase = Phase.input;
    this.phaseStartNs = nowNs;
    this.waitNs = 0;
    this.waitedNs = 0;
    this.computeEndNs = 0;
    this.fill = run.fillOf(instance, batch);
    this.nextResponse = from;
    this.failure = undefined;
    if (this.early.length > 0) this.early = [];
  }
}

/** All executions of a run: one that is over is used again for another of its model. */
export class ExecutionPool {
  readonly #all: Execution[] = [];
  /** Of each served model by its number those that are over. */
  readonly #idle: Execution[][] = [];

  at(slot: number): Execution {
    return this.#all[slot]!;
  }

  /** One that is not under way. */
  take(served: Served): Execution {
    const idle = this.#idle[served.number]?.pop();
    if (idle !== undefined) return idle;
    const execution = new Execution(this.#all.length, served);
    this.#all.push(execution);
    return execution;
  }

  giveBack(execution: Execution): void {
    const { number } = execution.served;
    this.#idle[number] ??= [];
    this.#idle[number].push(execution);
  }

  underWay(): Execution[] {
    const idle = new Set(this.#idle.flat());
    return this.#all.filter((execution) => !idle.has(execution));
  }
}

/** Its server, and its device where it has one, have so many more that have not ended. */
export function countExecution({ served: { host, instances }, instance }: Execution, more: number): void {
  host.executing += more;
  const { device } = instances[instance]!;
  if (device >= 0) host.executingOn[device]! += more;
}

/** Table row of the request at a position of the batcher's order. */
export function rowAt(served: Served, position: number): number {
  return served.admitted.rowAt(served.isInOrder ? position : served.server.order![position]!);
}
