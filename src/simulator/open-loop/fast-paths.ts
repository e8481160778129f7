import { isComposed, usesCache } from '../../scenario/composition.js';
import type { ComponentResult, ComponentSetup } from '../component-run.js';
import { ActorQueue } from '../containers/actor-queue.js';
import { EventQueue } from '../containers/event-queue.js';
import { meetsOnServer } from '../partition.js';
import { buildDevices, type SharedDevices } from '../resources/devices.js';
import { FastPath, type FastPathGroup, type FastPathOptions } from './fast-path.js';
import type { FastPathExecution } from './fast-path-sink.js';

/**
 * Whether a component is a set of fast paths: every request's arrival at its model is known in advance
 * (open loop, one target, no front end or link that could delay it) and executions are slowed by
 * nothing but co-runners on their device, and nothing comes or goes.
 */
export function areFastPaths(setup: ComponentSetup): boolean {
  const { component, tenants, served, changes } = setup;
  if (changes.length > 0 || served.some(isComposed)) return false;
  if (tenants.some((tenant) => tenant.load.mode !== 'open' || tenant.targets.length !== 1)) return false;
  return component.served.every((ref, m) => {
    const server = setup.server(ref);
    const model = served[m]!;
    if (meetsOnServer(server) || usesCache(server, model)) return false;
    const shared = model.instances.some(
      ({ device }) => device >= 0 && server.devices[device]!.sharing.mode !== 'exclusive',
    );
    return !shared || !(model.pipelined === true || model.config.dynamicBatching?.preserveOrdering === true);
  });
}

/** Simulates a component for which {@link areFastPaths} holds, up to the end of the run. */
export function runFastPaths(setup: ComponentSetup, options: FastPathOptions = {}): ComponentResult {
  const fastPaths = new FastPaths(setup, options);
  fastPaths.run();
  return setup.result(fastPaths.hostCoreNs);
}

/** All fast paths of a component and the devices between them. Actors: input phases, devices, models. */
class FastPaths implements FastPathGroup {
  readonly hostCoreNs = new Map<number, number>();
  readonly #setup: ComponentSetup;
  readonly #endNs: number;
  readonly #devices: SharedDevices;
  readonly #fastPaths: FastPath[];
  readonly #inputsDone = new EventQueue();
  readonly #actors: ActorQueue;
  readonly #firstFastPath: number;
  /** Executions on shared devices, by slot; and slots free again. */
  readonly #running: { fastPath: FastPath; execution: FastPathExecution }[] = [];
  readonly #freeSlots: number[] = [];
  /** Whether the step under way has put an execution on a device: then other actors' times have changed. */
  #begun = false;

  constructor(setup: ComponentSetup, options: FastPathOptions) {
    this.#setup = setup;
    this.#endNs = setup.durationNs;
    this.#devices = buildDevices(setup);
    this.#fastPaths = setup.served.map((_, m) => new FastPath(setup, m, options, this.#devices, this));
    this.#firstFastPath = 1 + this.#devices.models.length;
    this.#actors = new ActorQueue(this.#firstFastPath + this.#fastPaths.length);
    for (const fastPath of this.#fastPaths)
      this.#actors.update(this.#firstFastPath + fastPath.model, fastPath.server.nextNs);
  }

  run(): void {
    const [first] = this.#fastPaths;
    if (this.#fastPaths.length === 1 && this.#devices.models.length === 0) first!.runAlone(this.#endNs);
    else this.#runTogether();
    const freeSlots = new Set(this.#freeSlots);
    for (const [slot, { fastPath, execution }] of this.#running.entries()) {
      if (!freeSlots.has(slot)) fastPath.cutOff(execution);
    }
    for (const fastPath of this.#fastPaths) {
      const { server } = this.#setup.component.served[fastPath.model]!;
      this.hostCoreNs.set(server, (this.hostCoreNs.get(server) ?? 0) + fastPath.hostCoreNs);
    }
  }

  /** Puts an execution on its shared device, at once or after its input phase. */
  begin(fastPath: FastPath, execution: FastPathExecution): void {
    this.#begun = true;
    // The device's next event is now another one: the fast path must not look beyond this moment.
    fastPath.server.limitNs = execution.startNs;
    execution.inferStartNs = Infinity;
    const slot = this.#freeSlots.pop() ?? this.#running.length;
    if (slot === this.#running.length) this.#running.push({ fastPath, execution });
    else {
      this.#running[slot]!.fastPath = fastPath;
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
      if (actor >= this.#firstFastPath) this.#stepFastPath(this.#fastPaths[actor - this.#firstFastPath]!);
      else if (actor > 0) this.#stepDevice(actor - 1, nowNs);
      else this.#endInput(nowNs);
    }
  }

  /** Steps a fast path until another actor is due, or until it has put something on a device. */
  #stepFastPath(fastPath: FastPath): void {
    const { server } = fastPath;
    const limitNs = Math.min(this.#actors.secondNs, this.#endNs);
    server.limitNs = limitNs;
    this.#begun = false;
    do server.step();
    while (server.nextNs < limitNs && !this.#begun);
    this.#actors.update(this.#firstFastPath + fastPath.model, server.nextNs);
  }

  #endInput(nowNs: number): void {
    this.#inputsDone.pop();
    this.#actors.update(0, this.#inputsDone.nextNs);
    this.#infer(this.#inputsDone.subject, nowNs);
  }

  #infer(slot: number, nowNs: number): void {
    const { fastPath, execution } = this.#running[slot]!;
    execution.inferStartNs = nowNs;
    fastPath.sink.inferring(execution);
    const device = fastPath.devices[execution.instance]!;
    const { inferNs, fill, contentionFactor } = execution;
    this.#devices.models[device]!.start(slot, fastPath.model, inferNs, nowNs, fill, contentionFactor);
    this.#actors.update(1 + device, this.#devices.models[device]!.nextNs);
  }

  #stepDevice(device: number, nowNs: number): void {
    const model = this.#devices.models[device]!;
    const slot = model.step();
    this.#actors.update(1 + device, model.nextNs);
    if (slot < 0) return;
    const { fastPath, execution } = this.#running[slot]!;
    this.#freeSlots.push(slot);
    execution.inferNs = nowNs - execution.inferStartNs;
    const actors = this.#actors;
    const actor = this.#firstFastPath + fastPath.model;
    actors.update(actor, Infinity);
    actors.find();
    fastPath.server.executionEndsAt(execution.instance, fastPath.finish(execution), nowNs, actors.firstNs);
    actors.update(actor, fastPath.server.nextNs);
  }
}
