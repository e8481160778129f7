import { isComposed, usesCache } from '../../scenario/composition.js';
import { sendsAsPlanned, shareStreams } from '../component-load.js';
import type { ComponentResult } from '../component-result.js';
import type { ComponentSetup } from '../component-run.js';
import { ActorQueue } from '../containers/actor-queue.js';
import { EventQueue } from '../containers/event-queue.js';
import { meetsOnServer, sharesLimits } from '../partition.js';
import { buildDevices, type SharedDevices } from '../resources/devices.js';
import { apartGroups, type DeviceGroup, wholeGroup } from './device-groups.js';
import { FastPath, type FastPathGroup, type FastPathOptions } from './fast-path.js';
import type { FastPathExecution } from './fast-path-sink.js';
import { type FrontEndPass, passFrontEnds } from './front-end-pass.js';
import { type KnownArrivals, knownArrivals } from './known-arrivals.js';

/**
 * Whether a component is a set of fast paths: every request's arrival at its model is known in advance
 * (open loop, one target, nothing on the way but network delays and a front end's threads) and executions are slowed by
 * nothing but co-runners on their device, and nothing comes or goes.
 */
export function areFastPaths(setup: ComponentSetup): boolean {
  const { served, tenants } = setup;
  return (
    sendsAsPlanned(setup) &&
    !shareStreams(tenants) &&
    !served.some(isComposed) &&
    served.every((_, model) => isOnlyOnItsDevice(setup, model))
  );
}

/** Whether executions of a served model are slowed by nothing but co-runners on their device, and each request has one of them. */
export function isOnlyOnItsDevice(setup: ComponentSetup, index: number): boolean {
  const server = setup.server(setup.component.served[index]!);
  const model = setup.served[index]!;
  if ((model.responses ?? model.engine ?? model.iterations) !== undefined) return false;
  if (meetsOnServer(server) || sharesLimits(server) || usesCache(server, model)) return false;
  // What requests take of the host's cores is counted as they come and go.
  if ((model.requestCpuUs ?? 0) + (model.executionCpuUs ?? 0) > 0) return false;
  const shared = model.instances.some(
    ({ device }) => device >= 0 && server.devices[device]!.sharing.mode !== 'exclusive',
  );
  return !shared || !(model.pipelined === true || model.config.dynamicBatching?.preserveOrdering === true);
}

/** Simulates a component for which {@link areFastPaths} holds, up to the end of the run. */
export function runFastPaths(setup: ComponentSetup, options: FastPathOptions = {}): ComponentResult {
  const { arrivals, coreNs } = arrivalsOf(setup);
  const devices = buildDevices(setup);
  const hostCoreNs = new Map(coreNs);
  // A table numbers executions in the order in which they start on any device.
  const groups = options.sinkFor === undefined ? [wholeGroup(setup, devices)] : apartGroups(setup, devices);
  for (const group of groups) runGroup(setup, options, { arrivals, devices, group, hostCoreNs });
  return setup.result(hostCoreNs);
}

/** Simulates the models of a group, and adds what they take of the hosts' cores. */
export function runGroup(
  setup: ComponentSetup,
  options: FastPathOptions,
  { hostCoreNs, ...shared }: Shared & { readonly hostCoreNs: Map<number, number> },
): void {
  for (const { model, hostCoreNs: usedNs } of new FastPaths(setup, options, shared).run()) {
    const { server } = setup.component.served[model]!;
    hostCoreNs.set(server, (hostCoreNs.get(server) ?? 0) + usedNs);
  }
}

/** The requests of each served model, and what taking them in took of the hosts' cores. */
export function arrivalsOf(setup: ComponentSetup): FrontEndPass {
  const reached = setup.served.map((_, model) => knownArrivals(setup, model));
  return passFrontEnds(setup, reached);
}

/** What fast paths of a component have in common, and which of them are run together. */
interface Shared {
  readonly arrivals: readonly KnownArrivals[];
  readonly devices: SharedDevices;
  readonly group: DeviceGroup;
}

/** Fast paths and the devices between them. Actors: input phases, devices, models. */
class FastPaths implements FastPathGroup {
  readonly #endNs: number;
  readonly #devices: SharedDevices;
  /** Those between these fast paths, as they are counted in `#devices`, and the actor of each by that count. */
  readonly #own: readonly number[];
  readonly #deviceActor: Int32Array;
  readonly #fastPaths: readonly FastPath[];
  readonly #inputsDone = new EventQueue();
  readonly #actors: ActorQueue;
  readonly #firstFastPath: number;
  /** Executions on shared devices, by slot; and slots free again. */
  readonly #running: { fastPath: FastPath; execution: FastPathExecution }[] = [];
  readonly #freeSlots: number[] = [];
  /** Whether the step under way has put an execution on a device: then other actors' times have changed. */
  #begun = false;

  constructor(setup: ComponentSetup, options: FastPathOptions, { arrivals, devices, group }: Shared) {
    this.#endNs = setup.durationNs;
    this.#devices = devices;
    this.#own = group.devices;
    this.#deviceActor = new Int32Array(devices.models.length);
    for (const [i, device] of group.devices.entries()) this.#deviceActor[device] = 1 + i;
    this.#firstFastPath = 1 + group.devices.length;
    this.#fastPaths = group.models.map(
      (model, i) =>
        new FastPath(
          setup,
          { model, actor: this.#firstFastPath + i, devices, group: this },
          arrivals[model]!,
          options,
        ),
    );
    this.#actors = new ActorQueue(this.#firstFastPath + this.#fastPaths.length);
    for (const { actor, server } of this.#fastPaths) this.#actors.update(actor, server.nextNs);
  }

  /** Runs all of them up to the end of the run. */
  run(): readonly FastPath[] {
    const [first] = this.#fastPaths;
    if (this.#fastPaths.length === 1 && this.#own.length === 0) first!.runAlone(this.#endNs);
    else this.#runTogether();
    const freeSlots = new Set(this.#freeSlots);
    for (const [slot, { fastPath, execution }] of this.#running.entries()) {
      if (!freeSlots.has(slot)) fastPath.cutOff(execution);
    }
    return this.#fastPaths;
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
      else if (actor > 0) this.#stepDevice(this.#own[actor - 1]!, nowNs);
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
    this.#actors.update(fastPath.actor, server.nextNs);
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
    const { inferNs, fill } = execution;
    this.#devices.models[device]!.start(slot, fastPath.model, inferNs, nowNs, fill);
    this.#actors.update(this.#deviceActor[device]!, this.#devices.models[device]!.nextNs);
  }

  #stepDevice(device: number, nowNs: number): void {
    const model = this.#devices.models[device]!;
    const slot = model.step();
    this.#actors.update(this.#deviceActor[device]!, model.nextNs);
    if (slot < 0) return;
    const { fastPath, execution } = this.#running[slot]!;
    this.#freeSlots.push(slot);
    execution.inferNs = nowNs - execution.inferStartNs;
    const actors = this.#actors;
    const { actor } = fastPath;
    actors.update(actor, Infinity);
    actors.find();
    fastPath.server.executionEndsAt(execution.instance, fastPath.finish(execution), nowNs, actors.firstNs);
    actors.update(actor, fastPath.server.nextNs);
  }
}
