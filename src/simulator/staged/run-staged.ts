import type { DropOutcome } from '../../trace/request-log.js';
import type { ComponentResult, ComponentSetup } from '../component-run.js';
import { ModelQueue } from '../model-queue.js';
import { ModelServer } from '../model-server.js';
import { PolicyQueue } from '../policy-queue.js';
import { frontEndSampler } from '../served-run.js';
import { AdmittedRows } from './admitted-rows.js';
import { Executions } from './executions.js';
import { Inbound } from './inbound.js';
import { Outbound } from './outbound.js';
import { Event, Job, type Served, World } from './world.js';

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
    const world = new World(setup);
    this.#world = world;
    this.#outbound = new Outbound(world);
    this.#executions = new Executions(world, this.#outbound);
    setup.served.forEach((_, model) => {
      world.served.push(this.#serve(model));
    });
    this.#inbound = new Inbound(world);
    for (const served of world.served) world.touch(served);
  }

  run(): void {
    const world = this.#world;
    const { actors } = world;
    for (;;) {
      actors.find();
      if (!(actors.firstNs < world.setup.durationNs)) break;
      world.nowNs = actors.firstNs;
      this.#step(actors.first);
    }
    this.#executions.runEnded();
    this.#inbound.addUnsent();
  }

  result(): ComponentResult {
    return this.#world.setup.result(this.#world.hostCoreNs());
  }

  #step(actor: number): void {
    const world = this.#world;
    if (actor === 0) return this.#handleEvent();
    if (actor >= world.firstModelActor) return this.#stepModel(world.served[actor - world.firstModelActor]!);
    if (actor >= world.firstDeviceActor) return this.#stepDevice(actor - world.firstDeviceActor);
    const host = world.hosts[Math.floor((actor - 1) / 3)]!;
    if (actor === host.requestLinkActor) return this.#inbound.linkDone(host);
    if (actor === host.responseLinkActor) return this.#outbound.linkDone(host);
    const job = host.cores!.finish();
    world.actors.update(actor, host.cores!.nextNs);
    if ((job & 1) === Job.request) this.#inbound.frontEndDone(job >> 1);
    else this.#executions.phaseDone(job >> 1);
  }

  #handleEvent(): void {
    const { events, actors } = this.#world;
    events.pop();
    actors.update(0, events.nextNs);
    const { kind, subject } = events;
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

  #stepModel(served: Served): void {
    served.server.limitNs = this.#world.actors.secondNs;
    served.server.step();
    this.#world.touch(served);
  }

  #stepDevice(index: number): void {
    const device = this.#world.devices.models[index]!;
    const slot = device.step();
    this.#world.actors.update(this.#world.firstDeviceActor + index, device.nextNs);
    if (slot >= 0) this.#executions.phaseDone(slot);
  }

  #serve(index: number): Served {
    const world = this.#world;
    const { setup } = world;
    const ref = setup.component.served[index]!;
    const { instances, requestCpuUs = 0, executionCpuUs = 0 } = setup.served[index]!;
    const admitted = new AdmittedRows();
    const shaped = setup.tenants.some((tenant) => tenant.shape !== 0);
    const queue = new ModelQueue({
      queuedNs: new Float64Array(1024),
      sizes: new Uint16Array(1024),
      shapes: shaped ? new Uint16Array(1024) : undefined,
      count: 0,
    });
    const onDrop = (position: number, outcome: DropOutcome) =>
      this.#outbound.drop(admitted.rowAt(position), outcome);
    const policy = setup.hasPolicy(index)
      ? new PolicyQueue(queue, {
          ...setup.queueLevels(index),
          // Asked for anew each time: columns that grow are replaced.
          get priorities() {
            return admitted.priorities;
          },
          get timeoutsUs() {
            return admitted.timeoutsUs;
          },
          onDrop,
        })
      : undefined;
    const options = { ...setup.serverOptions(index, true), policy };
    return {
      index,
      server: new ModelServer(queue, this.#executions.executorFor(index), options),
      run: setup.runs[index]!,
      policy,
      queue,
      admitted,
      instances,
      devices: instances.map(({ device }) => world.devices.indexOf(ref.server, device)),
      host: world.hosts.find((host) => host.server === setup.server(ref))!,
      networkDelay: setup.networkDelay(index),
      requestPath: setup.requestPath(index),
      handlingNs: Math.round((requestCpuUs * 1000) / 2),
      dispatchNs: Math.round((executionCpuUs * 1000) / 2),
      frontEndSample: frontEndSampler(instances[0]!.profile),
      actor: world.firstModelActor + index,
      outstanding: 0,
    };
  }
}
