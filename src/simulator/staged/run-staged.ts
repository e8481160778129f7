import type { ComponentResult, ComponentSetup } from '../component-run.js';
import { Executions } from './executions.js';
import { createHost } from './host.js';
import { Inbound } from './inbound.js';
import { Outbound } from './outbound.js';
import { createServed } from './served.js';
import { Event, Job, World } from './world.js';

/** Simulates any component by the events of all its parts, up to the end of the run. */
export function runStaged(setup: ComponentSetup): ComponentResult {
  const simulation = new StagedSimulation(setup);
  simulation.run();
  return simulation.result();
}

/** Takes events of all parts in order of time and tells the part that they concern. */
class StagedSimulation {
  readonly #world: World;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #executions: Executions;

  constructor(setup: ComponentSetup) {
    const world = new World(setup, (kind, subject) => this.#handleEvent(kind, subject));
    this.#world = world;
    this.#outbound = new Outbound(world);
    this.#executions = new Executions(world, this.#outbound);
    for (const server of new Set(setup.component.served.map((ref) => ref.server))) this.#start(server);
    this.#inbound = new Inbound(world);
  }

  run(): void {
    const world = this.#world;
    const { actors } = world;
    for (;;) {
      actors.find();
      if (!(actors.firstNs < world.setup.durationNs)) break;
      world.nowNs = actors.firstNs;
      actors.first!.step();
    }
    this.#executions.runEnded();
    this.#inbound.addUnsent();
  }

  result(): ComponentResult {
    return this.#world.setup.result(this.#world.hostCoreNs());
  }

  #handleEvent(kind: number, subject: number): void {
    switch (kind) {
      case Event.answered:
        return this.#inbound.answered(subject);
      case Event.clientActs:
        return this.#inbound.act(subject);
      case Event.reachesServer:
        return this.#inbound.reachesServer(subject);
      case Event.frontEndDone:
        return this.#inbound.frontEndDone(subject);
      default:
        return this.#executions.phaseDone(subject);
    }
  }

  /** Starts a server with the models of the component. */
  #start(server: number): void {
    const world = this.#world;
    const host = createHost(world, server, 0, {
      requestSent: (of) => this.#inbound.linkDone(of),
      responseSent: (of) => this.#outbound.linkDone(of),
      jobDone: (job) => {
        if ((job & 1) === Job.request) this.#inbound.frontEndDone(job >> 1);
        else this.#executions.phaseDone(job >> 1);
      },
      phaseDone: (slot) => this.#executions.phaseDone(slot),
    });
    world.hosts.push(host);
    const listener = {
      executorFor: this.#executions.executorFor.bind(this.#executions),
      drop: this.#outbound.drop.bind(this.#outbound),
    };
    for (const [index, ref] of world.setup.component.served.entries())
      if (ref.server === server) createServed(world, index, host, listener);
  }
}
