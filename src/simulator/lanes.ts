import { ActorQueue } from './actor-queue.js';
import { isPlain } from './batching.js';
import type { ComponentResult, ComponentSetup } from './component-run.js';
import { buildDevices, type SharedDevices } from './devices.js';
import { EventQueue } from './event-queue.js';
import { type KnownArrivals, knownArrivals, streamedArrivals } from './known-arrivals.js';
import { coreNsOf, type LaneExecution, type LaneSink, TableSink } from './lane-sink.js';
import { type BlockSource, ModelQueue } from './model-queue.js';
import { type Executor, ModelServer } from './model-server.js';
import { limitsNetwork, sharesHost, usesFrontEnd } from './partition.js';
import { type PlainLaneOptions, runPlainLane } from './plain-lane.js';
import { PolicyQueue } from './policy-queue.js';
import type { ServedRun } from './served-run.js';

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

export interface LaneOptions {
  /** Where each served model leaves what happened; default: the component's table. */
  readonly sinkFor?: (model: number, arrivals: KnownArrivals) => LaneSink;
  /** Gives the arrivals of a lone model block by block, instead of its tenants' traces. */
  readonly source?: BlockSource;
}

/** Simulates a component for which {@link areLanes} holds, up to the end of the run. */
export function runLanes(setup: ComponentSetup, options: LaneOptions = {}): ComponentResult {
  const lanes = new Lanes(setup, options);
  lanes.run();
  return setup.result(lanes.hostCoreNs);
}

/** All lanes of a component and the devices between them. Actors: input phases, devices, models. */
class Lanes {
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
    if (this.#lanes.length === 1 && this.#devices.models.length === 0) this.#runAlone(this.#lanes[0]!);
    else this.#runTogether();
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

  #runAlone(lane: Lane): void {
    const { server } = lane;
    const endNs = this.#endNs;
    const plain = lane.plainOptions(endNs);
    if (plain !== undefined) return runPlainLane(plain);
    while (server.nextNs < endNs) server.step();
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
    const { inferNs, exposure } = execution;
    this.#devices.models[device]!.start(slot, lane.model, inferNs, nowNs, exposure);
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

/** One served model with known arrivals. */
class Lane implements Executor {
  readonly model: number;
  readonly server: ModelServer;
  /** Shared device of each instance; undefined = runs alone. */
  readonly devices: readonly (number | undefined)[];
  /** Core-nanoseconds used on the host so far. */
  hostCoreNs = 0;
  readonly sink: LaneSink;
  readonly #setup: ComponentSetup;
  readonly #run: ServedRun;
  readonly #group: Lanes;
  readonly #pipelined: boolean;
  /** Of the last execution of each instance that ran alone: end of its inference and of everything. */
  readonly #inferEndNs: Float64Array;
  readonly #endNs: Float64Array;
  /** The execution of each instance, an object used again and again: an instance runs one at a time. */
  readonly #executions: readonly LaneExecution[];

  constructor(
    setup: ComponentSetup,
    model: number,
    options: LaneOptions,
    devices: SharedDevices,
    group: Lanes,
  ) {
    this.#setup = setup;
    this.model = model;
    this.#run = setup.runs[model]!;
    this.#group = group;
    const served = setup.served[model]!;
    const serverIndex = setup.component.served[model]!.server;
    this.devices = served.instances.map(({ device }) => devices.indexOf(serverIndex, device));
    this.#pipelined = served.pipelined === true;
    this.#inferEndNs = new Float64Array(served.instances.length);
    this.#endNs = new Float64Array(served.instances.length);
    this.#executions = served.instances.map(newExecution);
    const arrivals = options.source === undefined ? knownArrivals(setup, model) : streamedArrivals();
    this.sink = options.sinkFor?.(model, arrivals) ?? new TableSink(setup, model, arrivals);
    const queue = new ModelQueue(arrivals, options.source);
    const policy = setup.hasPolicy(model) ? this.#policy(queue, arrivals) : undefined;
    this.sink.attach(queue, policy);
    this.server = new ModelServer(queue, this, { ...setup.serverOptions(model, false), policy });
  }

  start(instance: number, from: number, to: number, batch: number, nowNs: number): number {
    const run = this.#run;
    run.draw(instance, batch, to - from, nowNs);
    this.#setup.byBatchSize[this.model]![batch]!++;
    const shared = this.devices[instance] !== undefined;
    const execution = this.#executions[instance]!;
    execution.instance = instance;
    execution.from = from;
    execution.to = to;
    execution.batch = batch;
    execution.startNs = nowNs;
    execution.inputNs = run.inputNs;
    execution.inferNs = run.inferNs;
    execution.outputNs = run.outputNs;
    execution.exposure = run.exposure;
    this.sink.started(execution);
    if (!shared) return this.#runAlone(execution);
    this.#group.begin(this, execution);
    return Infinity;
  }

  /** How to run it by itself in one loop, where its configuration is the plain one. */
  plainOptions(endNs: number): PlainLaneOptions | undefined {
    const options = this.#setup.serverOptions(this.model, false);
    const { rules, instances, batcherWakeNs, batcherAwakeNs, instancePickUpNs, instanceWakeNs } = options;
    const { queue } = this.server;
    if (rules === undefined || !isPlain(rules) || !queue.isPlain) return undefined;
    if (batcherAwakeNs !== undefined && batcherAwakeNs !== batcherWakeNs) return undefined;
    if (instanceWakeNs !== undefined && instanceWakeNs !== instancePickUpNs) return undefined;
    const { maxBatchSize } = rules;
    return {
      queuedNs: queue.queuedNs,
      executor: this,
      instances,
      maxBatchSize,
      batcherWakeNs,
      instancePickUpNs,
      endNs,
    };
  }

  /** Answers an execution whose inference has ended and gives when its instance is free. */
  finish(execution: LaneExecution): number {
    const sentNs = this.sink.answer(execution);
    const endNs = sentNs + this.#run.responseFixedNs;
    this.#run.ended(execution.instance, endNs);
    const { hostCores } = this.#run.profiles[execution.instance]!;
    this.hostCoreNs += coreNsOf(execution, hostCores, endNs, this.#setup.durationNs);
    return endNs;
  }

  #runAlone(execution: LaneExecution): number {
    const { instance } = execution;
    const inputEndNs = execution.startNs + execution.inputNs;
    execution.inferStartNs = inputEndNs;
    if (this.#pipelined && this.#inferEndNs[instance]! > inputEndNs) {
      execution.inferStartNs = this.#inferEndNs[instance]!;
      execution.inferNs += execution.inferStartNs - inputEndNs;
    }
    this.sink.inferring(execution);
    const endNs = this.finish(execution);
    if (!this.#pipelined) return endNs;
    const previousEndNs = this.#endNs[instance]!;
    this.#endNs[instance] = endNs;
    this.#inferEndNs[instance] = inputEndNs + execution.inferNs;
    return Math.max(inputEndNs, previousEndNs);
  }

  #policy(queue: ModelQueue, arrivals: KnownArrivals): PolicyQueue {
    return new PolicyQueue(queue, {
      ...this.#setup.queueLevels(this.model),
      priorities: arrivals.priorities,
      timeoutsUs: arrivals.timeoutsUs,
      onDrop: (position, outcome, nowNs) => this.sink.drop(position, outcome, nowNs),
    });
  }
}

function newExecution(): LaneExecution {
  return {
    instance: 0,
    from: 0,
    to: 0,
    batch: 0,
    number: 0,
    startNs: 0,
    inputNs: 0,
    inferNs: 0,
    outputNs: 0,
    exposure: 1,
    inferStartNs: 0,
  };
}
