import type { ComponentSetup } from '../component-run.js';
import type { SharedDevices } from '../resources/devices.js';
import { runLoneServer } from '../server/lone-server.js';
import { ModelQueue } from '../server/model-queue.js';
import { type Executor, ModelServer } from '../server/model-server.js';
import { PolicyQueue } from '../server/policy-queue.js';
import type { ServedRun } from '../service/served-run.js';
import { coreNsOf, type FastPathExecution, type FastPathSink, TableSink } from './fast-path-sink.js';
import type { KnownArrivals } from './known-arrivals.js';
import { KnownSequences } from './known-sequences.js';

export interface FastPathOptions {
  /** Where each served model leaves what happened; default: the component's table. */
  readonly sinkFor?: (model: number, arrivals: KnownArrivals) => FastPathSink;
}

/** Fast paths that run together: what is between them takes an execution that shares its device. */
export interface FastPathGroup {
  begin(fastPath: FastPath, execution: FastPathExecution): void;
}

/** Which model of the component a fast path is of, and among whom it runs. */
export interface FastPathPlace {
  readonly model: number;
  readonly actor: number;
  readonly devices: SharedDevices;
  readonly group: FastPathGroup;
}

/** One served model with known arrivals. */
export class FastPath implements Executor {
  readonly model: number;
  /** Its place among those who act in its group. */
  readonly actor: number;
  readonly server: ModelServer | KnownSequences;
  /** Shared device of each instance; undefined = runs alone. */
  readonly devices: readonly (number | undefined)[];
  /** Core-nanoseconds used on the host so far. */
  hostCoreNs = 0;
  readonly sink: FastPathSink;
  readonly #setup: ComponentSetup;
  readonly #run: ServedRun;
  readonly #group: FastPathGroup;
  readonly #pipelined: boolean;
  /** Of each instance that shares no device: when the last of its inferences ends, and all of its executions. */
  readonly #inferEndNs: Float64Array;
  readonly #endNs: Float64Array;
  /**
   * The execution of each instance, an object used again and again: an instance runs one at a time. Those that share no device
   * have one together, as each of their executions is worked out at its start.
   */
  readonly #executions: readonly FastPathExecution[];

  constructor(
    setup: ComponentSetup,
    { model, actor, devices, group }: FastPathPlace,
    arrivals: KnownArrivals,
    options: FastPathOptions,
  ) {
    this.#setup = setup;
    this.model = model;
    this.actor = actor;
    this.#run = setup.newRun(model);
    setup.instances[model]!.push(...setup.served[model]!.instances);
    this.#group = group;
    const served = setup.served[model]!;
    const serverIndex = setup.component.served[model]!.server;
    this.devices = served.instances.map(({ device }) => devices.indexOf(serverIndex, device));
    this.#pipelined = served.pipelined === true;
    this.#inferEndNs = new Float64Array(served.instances.length);
    this.#endNs = new Float64Array(served.instances.length);
    const unshared = newExecution();
    this.#executions = this.devices.map((shared) => (shared === undefined ? unshared : newExecution()));
    this.sink = options.sinkFor?.(model, arrivals) ?? new TableSink(setup, model, arrivals);
    const queue = new ModelQueue(arrivals);
    this.server = this.#serverOf(queue, arrivals);
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
    this.sink.started(execution);
    if (!shared) return this.#runUnshared(execution);
    execution.fill = run.fillOf(instance, batch);
    this.#group.begin(this, execution);
    return Infinity;
  }

  /** Runs it by itself up to the end of the run: there is no other fast path, and no device between its executions. */
  runAlone(endNs: number): void {
    const { server } = this;
    if (server instanceof ModelServer)
      runLoneServer(server, this, this.#setup.serverOptions(this.model, false), endNs);
    else while (server.nextNs < endNs) server.step();
  }

  /** Answers an execution whose inference has ended and gives when its instance is free. */
  finish(execution: FastPathExecution): number {
    const sentNs = this.sink.answer(execution);
    const { instance, from, to } = execution;
    const endNs = sentNs + this.#run.afterResponsesNs(instance, to - from);
    this.#run.ended(instance, endNs);
    const { hostCores } = this.#run.profileOf(instance);
    this.hostCoreNs += coreNsOf(execution, hostCores, endNs, this.#setup.durationNs);
    this.#setup.executed(this.model, execution.startNs, endNs);
    return endNs;
  }

  /** It is on its device, or on its way there, when the run ends: until then it has used the host's cores. */
  cutOff(execution: FastPathExecution): void {
    const { hostCores } = this.#run.profileOf(execution.instance);
    const endless = { ...execution, inferNs: Infinity };
    this.hostCoreNs += coreNsOf(endless, hostCores, Infinity, this.#setup.durationNs);
    this.#setup.executed(this.model, execution.startNs, Infinity);
  }

  /** Runs it on a device of its own and gives when its instance takes the next one: with a pipeline, before it is over. */
  #runUnshared(execution: FastPathExecution): number {
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
    this.#inferEndNs[instance] = inputEndNs + execution.inferNs;
    // Two at most: whichever ends first makes room, and the other one is still there.
    const otherEndNs = this.#endNs[instance]!;
    this.#endNs[instance] = Math.max(otherEndNs, endNs);
    return Math.max(inputEndNs, Math.min(otherEndNs, endNs));
  }

  /** Tells the sink in which order it takes requests. */
  #serverOf(queue: ModelQueue, arrivals: KnownArrivals): ModelServer | KnownSequences {
    const { sink, model } = this;
    const setup = this.#setup;
    if (setup.served[model]!.config.sequences !== undefined) {
      const sequences = new KnownSequences(setup, model, arrivals, { queue, executor: this, sink });
      sink.attach(queue, sequences.server);
      return sequences;
    }
    const policy = setup.hasPolicy(model) ? this.#policy(queue, arrivals) : undefined;
    sink.attach(queue, policy);
    return new ModelServer(queue, this, { ...setup.serverOptions(model, false), policy });
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

function newExecution(): FastPathExecution {
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
    fill: 1,
    inferStartNs: 0,
  };
}
