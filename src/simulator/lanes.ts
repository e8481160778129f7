import { ActorQueue } from './actor-queue.js';
import type { ComponentResult, ComponentSetup } from './component-run.js';
import { buildDevices, type SharedDevices } from './devices.js';
import { EventQueue } from './event-queue.js';
import { Lane, type LaneGroup, type LaneOptions } from './lane.js';
import type { LaneExecution } from './lane-sink.js';
import { limitsNetwork, sharesHost, usesFrontEnd } from './partition.js';

/**
 * Whether a component is a set of lanes: every request's arrival at its model is known in advance
 * (open loop, one target, no front end or link that could delay it) and executions are slowed by
 * nothing but co-runners on their device.
 */
export function areLanes(setup: ComponentSetup): boolean {
  const { component, tenants, served } = setup;
  if (tenants.some((tenant) => tenant.load.mode !== 'open' || tenant.targets.length !== 1)) return false;
  return component.served.every((ref, m) => {
    const server = setup.server(ref);
    if (sharesHost(server) || usesFrontEnd(server) || limitsNetwork(server)) return false;
    const model = served[m]!;
    const shared = model.instances.some(
      ({ device }) => device >= 0 && server.devices[device]!.sharing.mode !== 'exclusive',
    );
    return !shared || !(model.pipelined === true || model.config.dynamicBatching?.preserveOrdering === true);
  });
}

/** Simulates a component for which {@link areLanes} holds, up to the end of the run. */
export function runLanes(setup: ComponentSetup, options: LaneOptions = {}): ComponentResult {
  const lanes = new Lanes(setup, options);
  lanes.run();
  return setup.result(lanes.hostCoreNs);
}

/** All lanes of a component and the devices between them. Actors: input phases, devices, models. */
class Lanes implements LaneGroup {
  readonly hostCoreNs = new Map<number, number>();
  readonly #setup: ComponentSetup;
  readonly #endNs: number;
  readonly #devices: SharedDevices;
  readonly #lanes: Lane[];
  readonly #inputsDone = new EventQueue();
  readonly #actors: ActorQueue;
  readonly #firstLane: number;
  /** Executions on shared devices, by slot; and slots free again. */
  readonly #running: { lane: Lane; execution: LaneExecution }[] = [];
  readonly #freeSlots: number[] = [];
  /** Whether the step under way has put an execution on a device: then other actors' times have changed. */
  #begun = false;

  constructor(setup: ComponentSetup, options: LaneOptions) {
    this.#setup = setup;
    this.#endNs = setup.durationNs;
    this.#devices = buildDevices(setup);
    this.#lanes = setup.served.map((_, m) => new Lane(setup, m, options, this.#devices, this));
    this.#firstLane = 1 + this.#devices.models.length;
    this.#actors = new ActorQueue(this.#firstLane + this.#lanes.length);
    for (const lane of this.#lanes) this.#actors.update(this.#firstLane + lane.model, lane.server.nextNs);
  }

  run(): void {
    const [first] = this.#lanes;
    if (this.#lanes.length === 1 && this.#devices.models.length === 0) first!.runAlone(this.#endNs);
    else this.#runTogether();
    const freeSlots = new Set(this.#freeSlots);
    for (const [slot, { lane, execution }] of this.#running.entries()) {
      if (!freeSlots.has(slot)) lane.cutOff(execution);
    }
    for (const lane of this.#lanes) {
      const { server } = this.#setup.component.served[lane.model]!;
      this.hostCoreNs.set(server, (this.hostCoreNs.get(server) ?? 0) + lane.hostCoreNs);
    }
  }

  /** Puts an execution on its shared device, at once or after its input phase. */
  begin(lane: Lane, execution: LaneExecution): void {
    this.#begun = true;
    // The device's next event is now another one: the lane must not look beyond this moment.
    lane.server.limitNs = execution.startNs;
    execution.inferStartNs = Infinity;
    const slot = this.#freeSlots.pop() ?? this.#running.length;
    if (slot === this.#running.length) this.#running.push({ lane, execution });
    else {
      this.#running[slot]!.lane = lane;
      this.#running[slot]!.execution = execution;
    }
    if (execution.inputNs === 0) return this.#infer(slot, execution.startNs);
    this.#inputsDone.push(execution.startNs + execution.inputNs, 0, slot);
    this.#actors.update(0, this.#inputsDone.nextNs);
  }

  #runTogether(): void {
    const actors = this.#actors;
    const endNs = this.#endNs;
    for (;;) {
      actors.find();
      const nowNs = actors.firstNs;
      if (!(nowNs < endNs)) return;
      const actor = actors.first;
      if (actor >= this.#firstLane) this.#stepLane(this.#lanes[actor - this.#firstLane]!);
      else if (actor > 0) this.#stepDevice(actor - 1, nowNs);
      else this.#endInput(nowNs);
    }
  }

  /** Steps a lane until another actor is due, or until it has put something on a device. */
  #stepLane(lane: Lane): void {
    const { server } = lane;
    const limitNs = Math.min(this.#actors.secondNs, this.#endNs);
    server.limitNs = limitNs;
    this.#begun = false;
    do server.step();
    while (server.nextNs < limitNs && !this.#begun);
    this.#actors.update(this.#firstLane + lane.model, server.nextNs);
  }

  #endInput(nowNs: number): void {
    this.#inputsDone.pop();
    this.#actors.update(0, this.#inputsDone.nextNs);
    this.#infer(this.#inputsDone.subject, nowNs);
  }

  #infer(slot: number, nowNs: number): void {
    const { lane, execution } = this.#running[slot]!;
    execution.inferStartNs = nowNs;
    lane.sink.inferring(execution);
    const device = lane.devices[execution.instance]!;
    const { inferNs, contentionFactor } = execution;
    this.#devices.models[device]!.start(slot, lane.model, inferNs, nowNs, contentionFactor);
    this.#actors.update(1 + device, this.#devices.models[device]!.nextNs);
  }

  #stepDevice(device: number, nowNs: number): void {
    const model = this.#devices.models[device]!;
    const slot = model.step();
    this.#actors.update(1 + device, model.nextNs);
    if (slot < 0) return;
    const { lane, execution } = this.#running[slot]!;
    this.#freeSlots.push(slot);
    execution.inferNs = nowNs - execution.inferStartNs;
    const actors = this.#actors;
    const actor = this.#firstLane + lane.model;
    actors.update(actor, Infinity);
    actors.find();
    lane.server.executionEndsAt(execution.instance, lane.finish(execution), nowNs, actors.firstNs);
    actors.update(actor, lane.server.nextNs);
  }
}
