import type { Executor } from '../../server/model-server.js';
import { responseNs } from '../../service/served-run.js';
import type { Caching } from '../caching.js';
import type { Calls } from '../calls/calls.js';
import type { Host } from '../host.js';
import type { Outbound } from '../outbound.js';
import type { Served } from '../served.js';
import { Event, Job, type World } from '../world.js';
import { CallPrograms } from './call-programs.js';
import { DeadProcesses } from './dead-processes.js';
import { countStep, isStepwise, stepComputed, stepStarted } from './engine-steps.js';
import { countExecution, type Execution, ExecutionPool, Phase, rowAt } from './execution.js';
import { Pipelines } from './pipelines.js';
import { Coroutines } from './process-threads.js';
import { recordPhase } from './recorded-phases.js';

/** What executions have to do with. */
export interface ExecutionParts {
  readonly outbound: Outbound;
  readonly calls: Calls;
  readonly caching: Caching;
  /** Hears of every server that has one execution less, and is to go or has a device that is. */
  readonly settle: (host: Host) => void;
}

/** Executions on their instances, phase by phase. */
export class Executions {
  readonly #world: World;
  readonly #outbound: Outbound;
  readonly #settle: (host: Host) => void;
  readonly #pool = new ExecutionPool();
  readonly #dead: DeadProcesses;
  readonly #programs: CallPrograms;
  readonly #calledFrom: Calls;
  readonly #caching: Caching;
  readonly #pipelines = new Pipelines();
  readonly #coroutines = new Coroutines();

  constructor(world: World, { outbound, calls, caching, settle }: ExecutionParts) {
    this.#world = world;
    this.#caching = caching;
    this.#settle = settle;
    this.#outbound = outbound;
    this.#calledFrom = calls;
    this.#dead = new DeadProcesses(world, this.#pool, {
      started: (execution) => outbound.started(execution),
      inferred: (execution) =>
        this.#programs.runs(execution) ? this.#programs.died(execution) : this.#inferDone(execution),
      respond: (execution) => this.#respond(execution),
    });
    this.#programs = new CallPrograms(world, calls, this.#coroutines, {
      compute: (execution, ns, onHost) => {
        if (onHost) return this.#inferFor(execution, ns);
        const { hostCores } = execution.served.instances[execution.instance]!.profile;
        this.#takeTime(execution, ns, hostCores.infer);
      },
      done: (execution) => this.#called(execution),
    });
  }

  /** The process of an instance has died. */
  died(served: Served, instance: number): void {
    this.#dead.died(served, instance);
  }

  /** What a model server hands its payloads to. */
  executorFor(served: () => Served): Executor {
    return {
      start: (instance, from, to, batch) => {
        this.#start(served(), instance, from, to, batch);
        return Infinity;
      },
    };
  }

  /** A job on host cores, a device or the clock is done: the execution in that slot goes on. */
  phaseDone(slot: number): void {
    const execution = this.#pool.at(slot);
    const { phase } = execution;
    if (phase === Phase.dead) return this.#dead.found(execution);
    if (phase === Phase.forsaken) return this.#pool.giveBack(execution);
    if (phase === Phase.response) return this.#responseDone(execution) ? this.#respond(execution) : undefined;
    if (phase === Phase.infer && (this.#sendsEarly(execution) || this.#calls(execution))) return;
    recordPhase(this.#world, execution);
    execution.phase++;
    if (phase === Phase.input) return this.#inputDone(execution);
    if (phase === Phase.infer) this.#inferDone(execution);
    if (phase === Phase.output) {
      execution.computeEndNs = this.#world.nowNs;
      if (execution.served.engine !== undefined) stepComputed(this.#world, execution, this.#calledFrom);
    }
    this.#begin(execution);
  }

  /** Whether it goes on with calls of other models, once its own inference is over: they are part of it. */
  #calls(execution: Execution): boolean {
    const { served } = execution;
    const { calls } = served.model;
    if (calls === undefined) return false;
    if (this.#programs.runs(execution)) this.#programs.computed(execution);
    else {
      this.#inferDone(execution);
      this.#programs.begin(execution, calls);
    }
    return true;
  }

  /** Of a model that calls others, all is done: the outputs are next. */
  #called(execution: Execution): void {
    recordPhase(this.#world, execution);
    execution.phase++;
    this.#begin(execution);
  }

  /** Inferences that the end of the run cuts off have used cores until then. */
  runEnded(): void {
    const { setup } = this.#world;
    const { durationNs, executions } = setup;
    for (const execution of this.#pool.underWay()) {
      const { phase, number, startNs } = execution;
      setup.executed(execution.served.index, startNs, durationNs);
      const isInferring =
        phase === Phase.infer &&
        !Number.isNaN(executions.inferStartNs[number]!) &&
        Number.isNaN(executions.inferEndNs[number]!);
      if (!isInferring) continue;
      this.#countInference(execution, durationNs);
      if (isStepwise(execution.served)) countStep(this.#world, execution, durationNs);
    }
  }

  #start(served: Served, instance: number, from: number, to: number, batch: number): void {
    const { setup, requests, nowNs } = this.#world;
    if (served.dead.has(instance)) return this.#dead.start(served, instance, from, to, batch);
    const step = served.engine?.stepOf(instance);
    if (step === undefined) served.run.draw(instance, batch, to - from, nowNs);
    else served.run.drawStep(instance, step, nowNs);
    const number = setup.executions.add(served.index, served.firstInstance + instance, batch);
    setup.byBatchSize[served.index]![batch]!++;
    if (step !== undefined) stepStarted(this.#world, served, step, number);
    else
      for (let position = from; position < to; position++) {
        const row = rowAt(served, position);
        if (served.iterations === undefined || Number.isNaN(requests.startedNs[row]!))
          requests.startedNs[row] = nowNs;
        requests.execution[row] = number;
      }
    const execution = this.#pool.take(served);
    execution.begin(instance, from, to, batch, number, nowNs);
    this.#outbound.started(execution);
    countExecution(execution, 1);
    this.#world.handle(served, served.dispatchNs);
    this.#pipelines.of(execution)?.started();
    this.#begin(execution);
  }

  #begin(execution: Execution): void {
    const { served, instance, phase } = execution;
    const { hostCores } = served.instances[instance]!.profile;
    execution.phaseStartNs = this.#world.nowNs;
    if (phase === Phase.infer) return this.#infer(execution);
    if (phase === Phase.dead) return this.#dead.found(execution);
    if (phase === Phase.forsaken) return this.#pool.giveBack(execution);
    if (phase === Phase.response) return this.#respond(execution);
    // Backends in processes of their own are woken for an execution, and wake the server's thread after it.
    const isInput = phase === Phase.input;
    execution.waitNs = this.#world.threadWaitNs(served.host);
    execution.waitedNs += execution.waitNs;
    const workNs = execution.phaseNs[phase]! + execution.waitNs;
    this.#takeTime(execution, workNs, isInput ? hostCores.input : hostCores.output);
  }

  /** A phase that takes `workNs` on the instance's thread, on host cores where it uses them. */
  #takeTime(execution: Execution, workNs: number, cores: number): void {
    const world = this.#world;
    if (workNs === 0) return this.phaseDone(execution.slot);
    if (world.useCores(execution.served.host, execution.slot * 2 + Job.execution, workNs, cores)) return;
    world.at(world.nowNs + workNs, Event.phaseDone, execution.slot);
  }

  #infer(execution: Execution): void {
    const world = this.#world;
    const { served, instance, phaseNs } = execution;
    world.setup.executions.inferStartNs[execution.number] = world.nowNs;
    const { device, profile } = served.instances[instance]!;
    if (device >= 0) world.spin(served.host, profile.hostCores.infer);
    execution.early = this.#outbound.earlyResponses(execution).reverse();
    this.#inferFor(execution, execution.early.at(-1)?.atNs ?? phaseNs[Phase.infer]);
  }

  /** A part of the inference, or all of it. */
  #inferFor(execution: Execution, workNs: number): void {
    const world = this.#world;
    const { served, instance, slot, fill } = execution;
    const { device, profile } = served.instances[instance]!;
    if (device < 0) return this.#takeTime(execution, workNs, profile.hostCores.infer);
    const shared = served.host.devices.get(device);
    if (shared === undefined) {
      world.countCores(served.host, workNs, profile.hostCores.infer);
      return world.at(world.nowNs + workNs, Event.phaseDone, slot);
    }
    shared.of.start(slot, served.index, workNs, world.nowNs, fill);
    world.actors.update(shared.actor, shared.of.nextNs);
  }

  /** Whether it has a response to send before its inference is over; then it goes on. */
  #sendsEarly(execution: Execution): boolean {
    const { early, phaseNs } = execution;
    const sent = early.pop();
    if (sent === undefined) return false;
    this.#outbound.sentEarly(execution, sent);
    this.#inferFor(execution, (early.at(-1)?.atNs ?? phaseNs[Phase.infer]) - sent.atNs);
    return true;
  }

  #inferDone(execution: Execution): void {
    const { served, instance, number } = execution;
    const world = this.#world;
    world.setup.executions.inferEndNs[number] = world.nowNs;
    const { device, profile } = served.instances[instance]!;
    if (device >= 0) world.spin(served.host, -profile.hostCores.infer);
    this.#countInference(execution, world.nowNs);
    if (isStepwise(served)) countStep(world, execution, world.nowNs);
    const next = this.#pipelines.of(execution)?.inferred();
    if (next !== undefined) this.#infer(next);
  }

  /** How long it takes on a shared device is known only when it is over, or the run is. */
  #countInference({ served, instance, number }: Execution, endNs: number): void {
    const { device, profile } = served.instances[instance]!;
    if (!served.host.devices.has(device) || served.host.cores !== undefined) return;
    served.host.coreNs +=
      (endNs - this.#world.setup.executions.inferStartNs[number]!) * profile.hostCores.infer;
  }

  /** With a pipeline the instance is free for its next payload now, unless two are in flight; of a coroutine always. */
  #inputDone(execution: Execution): void {
    const pipeline = this.#pipelines.of(execution);
    const isCoroutine = execution.served.model.overlapping === true;
    if (pipeline === undefined && !isCoroutine) return this.#begin(execution);
    execution.phaseStartNs = this.#world.nowNs;
    if (isCoroutine) this.#coroutines.goOn(execution, () => this.#infer(execution));
    else if (pipeline!.infers(execution)) this.#infer(execution);
    if (pipeline?.freesAfterInput() ?? true) this.#free(execution);
  }

  /** Builds responses as long as they take no time. */
  #respond(execution: Execution): void {
    const { hostCores } = execution.served.instances[execution.instance]!.profile;
    do {
      const workNs = this.#responseNs(execution);
      if (workNs > 0) return this.#takeTime(execution, workNs, hostCores.response);
    } while (this.#responseDone(execution));
  }

  /** Responses of a batch are built and sent one after the other; after the last the statistics are written. */
  #responseNs(execution: Execution): number {
    const { served, instance, nextResponse, from, to } = execution;
    if (nextResponse === to) return served.run.afterResponsesNs(instance, to - from);
    const row = rowAt(served, nextResponse);
    if (served.iterations?.streams === false && served.iterations.goesOn(row)) return 0;
    const { profile } = served.instances[instance]!;
    const bytes = this.#world.responseBytes(row);
    const keepNs = execution.failure === undefined ? this.#caching.keep(row, bytes) : 0;
    return keepNs + responseNs(profile, { responseBytes: bytes }, 1);
  }

  /** @returns whether the next response is to be built now */
  #responseDone(execution: Execution): boolean {
    if (execution.nextResponse < execution.to) {
      const busyNs = this.#outbound.built(execution, execution.nextResponse++);
      if (busyNs === 0) return true;
      const { handOvers } = this.#calledFrom;
      if (busyNs === Infinity) handOvers.whenFree(() => this.#respond(execution));
      else handOvers.freeAfter(busyNs, () => this.#respond(execution));
    } else this.#end(execution);
    return false;
  }

  /** All responses have left. */
  #end(execution: Execution): void {
    const { nowNs, setup } = this.#world;
    if (execution.number >= 0) execution.served.run.ended(execution.instance, nowNs);
    setup.executed(execution.served.index, execution.startNs, nowNs);
    // With a gate it is kept, and is not under way.
    execution.startNs = setup.durationNs;
    this.#world.handle(execution.served, execution.served.dispatchNs);
    countExecution(execution, -1);
    if (execution.served.host.leaving.length > 0) this.#settle(execution.served.host);
    const isFreed = this.#pipelines.of(execution)?.ended() ?? !this.#coroutines.rests(execution);
    // One whose responses are held back is asked for them once more.
    if (execution.served.gate === undefined) this.#pool.giveBack(execution);
    if (isFreed) this.#free(execution);
  }

  #free({ served, instance }: Execution): void {
    served.server.executionEnded(instance, this.#world.nowNs);
    this.#world.touch(served);
  }
}
