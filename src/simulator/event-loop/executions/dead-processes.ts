import { Outcome } from '../../../trace/request-log.js';
import type { Served } from '../served.js';
import { Event, type World } from '../world.js';
import { countExecution, type Execution, type ExecutionPool, Phase, rowAt } from './execution.js';

/** How often the server looks whether a process has an answer or is alive (python_backend stub_launcher.cc, `ReceiveMessageFromStub`). */
const LOOK_NS = 1e9;

/** A process says that it is alive for the first time so long after a look (pb_stub.cc); one that dies later is found at the look after the next. */
const ALIVE_NS = 300e6;

/** When it is found that a process died at `diedNs` in an execution that began at `beganNs`. */
function foundDeadNs(beganNs: number, diedNs: number): number {
  const looks = Math.floor((diedNs - beganNs) / LOOK_NS);
  const sinceLookNs = diedNs - beganNs - looks * LOOK_NS;
  return beganNs + (looks + (sinceLookNs < ALIVE_NS ? 1 : 2)) * LOOK_NS;
}

/** Whom dead processes tell what happens to their executions. */
export interface DeathListener {
  started(execution: Execution): void;
  /** The inference of an execution ends. */
  inferred(execution: Execution): void;
  /** The errors of an execution leave. */
  respond(execution: Execution): void;
}

/**
 * Processes of the python backend that have died: nothing starts them anew, and their instances go on taking requests, which have an
 * error a second later (seen on a real 24.10, results/live/conformance-compositions.md).
 */
export class DeadProcesses {
  readonly #world: World;
  readonly #pool: ExecutionPool;
  readonly #listener: DeathListener;

  constructor(world: World, pool: ExecutionPool, listener: DeathListener) {
    this.#world = world;
    this.#pool = pool;
    this.#listener = listener;
  }

  /** The process of an instance dies: what it was doing ends there. */
  died(served: Served, instance: number): void {
    const { nowNs, requests, setup } = this.#world;
    const execution = this.#pool
      .underWay()
      .find((each) => each.served === served && each.instance === instance && each.phase <= Phase.infer);
    if (execution === undefined) return;
    const { from, to, number } = execution;
    if (execution.phase === Phase.infer) this.#listener.inferred(execution);
    execution.phase = Phase.forsaken;
    const batch = setup.executions.batch[number]!;
    const dead = this.#pool.take(served);
    dead.begin(instance, from, to, batch, number, nowNs);
    // Triton counts no execution that failed.
    setup.byBatchSize[served.index]![batch]!--;
    for (let position = from; position < to; position++) requests.execution[rowAt(served, position)] = -1;
    const { gate } = served;
    if (gate !== undefined) gate[gate.indexOf(execution)] = dead;
    this.#fail(dead, foundDeadNs(requests.startedNs[rowAt(served, from)]!, nowNs));
  }

  /** An instance takes a batch whose process is dead. */
  start(served: Served, instance: number, from: number, to: number, batch: number): void {
    const { requests, nowNs } = this.#world;
    const dead = this.#pool.take(served);
    dead.begin(instance, from, to, batch, -1, nowNs);
    for (let position = from; position < to; position++) requests.startedNs[rowAt(served, position)] = nowNs;
    this.#listener.started(dead);
    countExecution(dead, 1);
    this.#fail(dead, nowNs + LOOK_NS);
  }

  /** The server has found out. */
  found(dead: Execution): void {
    const { nowNs, requests } = this.#world;
    const { served, from, to } = dead;
    dead.phase = Phase.response;
    dead.computeEndNs = nowNs;
    for (let position = from; position < to; position++) {
      const row = rowAt(served, position);
      // The server waited for it as for an inference.
      const copiedUs = requests.inputUs[row]! + requests.outputUs[row]!;
      requests.inferUs[row] = (nowNs - requests.startedNs[row]!) / 1000 - copiedUs;
    }
    this.#listener.respond(dead);
  }

  #fail(dead: Execution, foundNs: number): void {
    dead.phase = Phase.dead;
    dead.failure = Outcome.failed;
    this.#world.at(foundNs, Event.phaseDone, dead.slot);
  }
}
