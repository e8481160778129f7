import type { Random } from '../base/random.js';
import type { ModelInstance, Server, Tenant } from '../scenario/scenario.js';
import { Outcome } from '../trace/request-log.js';
import { ActorQueue } from './actor-queue.js';
import { type Client, createClient, type NextRequest } from './clients.js';
import type { ComponentResult, ComponentSetup } from './component-run.js';
import { buildDevices, type SharedDevices } from './devices.js';
import { EventQueue } from './event-queue.js';
import { FrontEnd } from './front-end.js';
import { queueLevels } from './lanes.js';
import { ModelQueue } from './model-queue.js';
import { type Executor, ModelServer } from './model-server.js';
import { limitsNetwork, sharesHost } from './partition.js';
import { PolicyQueue } from './policy-queue.js';
import { ProcessorSharing } from './processor-sharing.js';
import { chooseTarget } from './routing.js';
import { frontEndNs, frontEndSampler, responseNs, type ServedRun } from './served-run.js';

/**
 * Kinds of one-shot events. The number is the rank at one instant: answers first (they free places
 * for new requests), then requests on their way in, then steps of executions.
 */
const Event = {
  answered: 0,
  clientActs: 1,
  reachesServer: 2,
  frontEndDone: 3,
  phaseDone: 4,
  responseLeaves: 5,
  reachesLink: 6,
} as const;

const Phase = { input: 0, infer: 1, output: 2, response: 3, done: 4 } as const;

/** One batch on its way through an instance. */
interface Execution {
  model: number;
  instance: number;
  /** Range of the model's requests in the order in which the batcher took them. */
  from: number;
  to: number;
  row: number;
  phase: number;
  phaseStartNs: number;
  inputNs: number;
  inferNs: number;
  outputNs: number;
  computeEndNs: number;
  nextResponse: number;
}

/** One served model with all that belongs to it. */
interface Served {
  readonly server: ModelServer;
  readonly run: ServedRun;
  readonly policy: PolicyQueue | undefined;
  readonly queue: ModelQueue;
  /** Table row of each request, by position in the queue. */
  readonly rows: number[];
  readonly priorities: number[];
  readonly timeoutsUs: number[];
  readonly instances: readonly ModelInstance[];
  /** Device of each instance; undefined = runs alone or on the host. */
  readonly devices: readonly (number | undefined)[];
  readonly host: number;
  readonly preserveOrder: boolean;
  /** With preserve_ordering: executions in the order in which they started, until all their responses have left. */
  readonly gate: Execution[];
  readonly actor: number;
  outstanding: number;
}


/** One server's stages around its models. */
interface Host {
  readonly server: Server;
  readonly cores: ProcessorSharing | undefined;
  readonly coresActor: number;
  readonly requestLink: ProcessorSharing | undefined;
  readonly requestLinkActor: number;
  readonly responseLink: ProcessorSharing | undefined;
  readonly responseLinkActor: number;
  readonly frontEnd: FrontEnd;
  readonly random: Random;
  /** Core-nanoseconds where cores are not limited. */
  coreNs: number;
}

/** Jobs on a host or link are told apart by the lowest bit: an execution's phase or a request. */
const JOB_EXECUTION = 0;
const JOB_REQUEST = 1;

/** Simulates any component by events of all its parts, up to the end of the run. */
export function runStaged(setup: ComponentSetup): ComponentResult {
  const simulation = new StagedSimulation(setup);
  simulation.run();
  return setup.result(simulation.hostCoreNs());
}

class StagedSimulation {
  readonly #setup: ComponentSetup;
  readonly #events = new EventQueue();
  readonly #actors: ActorQueue;
  readonly #hosts: Host[] = [];
  readonly #hostOf = new Map<number, number>();
  readonly #shared: SharedDevices;
  readonly #deviceActor: number[] = [];
  readonly #served: Served[] = [];
  readonly #clients: Client[];
  readonly #routers: { sent: number; random: Random; readonly targets: number[]; readonly outstanding: Int32Array }[];
  readonly #handlers: (() => void)[] = [];
  readonly #executions: Execution[] = [];
  readonly #freeExecutions: number[] = [];
  readonly #servedOf: number[] = [];
  readonly #requestBytes: number[] = [];
  readonly #priority: number[] = [];
  readonly #timeoutUs: number[] = [];
  #nowNs = 0;

  constructor(setup: ComponentSetup) {
    this.#setup = setup;
    this.#shared = buildDevices(setup);
    this.#handlers.push(() => this.#handleEvent());
    this.#buildHosts();
    this.#buildDevices();
    setup.served.forEach((_, index) => this.#buildServed(index));
    this.#actors = new ActorQueue(this.#handlers.length);
    this.#clients = setup.tenants.map((tenant) =>
      createClient(tenant, setup.streams.get(`client ${tenant.name}`), setup.durationNs),
    );
    this.#routers = setup.tenants.map((tenant) => this.#router(tenant));
    this.#clients.forEach((client, t) => {
      if (client.nextNs !== Infinity) this.#events.push(client.nextNs, Event.clientActs, t, 0, t);
    });
    this.#served.forEach((served) => this.#actors.update(served.actor, served.server.nextNs));
    this.#actors.update(0, this.#events.nextNs);
  }

  run(): void {
    const actors = this.#actors;
    const endNs = this.#setup.durationNs;
    for (;;) {
      actors.find();
      const nowNs = actors.firstNs;
      if (!(nowNs < endNs)) break;
      this.#nowNs = nowNs;
      this.#handlers[actors.first]!();
    }
    this.#clients.forEach((client, t) => {
      for (const request of client.unsent()) this.#addRow(t, request, Number.NaN);
    });
  }

  hostCoreNs(): Map<number, number> {
    const used = new Map<number, number>();
    for (const [server, index] of this.#hostOf) {
      const host = this.#hosts[index]!;
      used.set(server, host.cores?.usedUntil(this.#setup.durationNs) ?? host.coreNs);
    }
    return used;
  }

  // --- building ---------------------------------------------------------------------------------

  #actor(handler: () => void): number {
    this.#handlers.push(handler);
    return this.#handlers.length - 1;
  }

  #buildHosts(): void {
    for (const ref of this.#setup.component.served) {
      if (this.#hostOf.has(ref.server)) continue;
      const index = this.#hosts.length;
      this.#hostOf.set(ref.server, index);
      const server = this.#setup.server(ref);
      const { network } = server;
      const limited = limitsNetwork(server);
      const link = (bytesPerUs: number) => (limited ? new ProcessorSharing(bytesPerUs / 1000, Infinity) : undefined);
      this.#hosts.push({
        server,
        cores: sharesHost(server) ? new ProcessorSharing(server.cpuCores, 1) : undefined,
        coresActor: this.#actor(() => this.#handleCores(index)),
        requestLink: Number.isFinite(network.requestBytesPerUs) ? link(network.requestBytesPerUs) : undefined,
        requestLinkActor: this.#actor(() => this.#handleRequestLink(index)),
        responseLink: Number.isFinite(network.responseBytesPerUs) ? link(network.responseBytesPerUs) : undefined,
        responseLinkActor: this.#actor(() => this.#handleResponseLink(index)),
        frontEnd: new FrontEnd(server.options.frontEndThreads),
        random: this.#setup.streams.get(`front end ${server.name}`),
        coreNs: 0,
      });
    }
  }

  #buildDevices(): void {
    this.#shared.models.forEach((_, index) => {
      this.#deviceActor.push(this.#actor(() => this.#handleDevice(index)));
    });
  }

  #buildServed(index: number): void {
    const setup = this.#setup;
    const ref = setup.component.served[index]!;
    const model = setup.served[index]!;
    const rows: number[] = [];
    const priorities: number[] = [];
    const timeoutsUs: number[] = [];
    const shaped = setup.tenants.some((tenant) => tenant.shape !== 0);
    const queue = new ModelQueue({
      queuedNs: new Float64Array(1024),
      sizes: new Uint16Array(1024),
      shapes: shaped ? new Uint16Array(1024) : undefined,
      count: 0,
    });
    const policy = setup.hasPolicy(index)
      ? new PolicyQueue(queue, {
          ...queueLevels(setup, index),
          priorities,
          timeoutsUs,
          onDrop: (position, outcome) => this.#drop(rows[position]!, outcome),
        })
      : undefined;
    const executor: Executor = {
      start: (instance, from, to, batch, nowNs) => this.#start(index, instance, from, to, batch, nowNs),
    };
    const actor = this.#actor(() => this.#handleModel(index));
    this.#served.push({
      server: new ModelServer(queue, executor, { ...setup.serverOptions(index, true), policy }),
      run: setup.runs[index]!,
      policy,
      queue,
      rows,
      priorities,
      timeoutsUs,
      instances: model.instances,
      devices: model.instances.map(({ device }) => this.#shared.indexOf(ref.server, device)),
      host: this.#hostOf.get(ref.server)!,
      preserveOrder: model.config.dynamicBatching?.preserveOrdering === true,
      gate: [],
      actor,
      outstanding: 0,
    });
  }

  #router(tenant: Tenant) {
    const { component, streams } = this.#setup;
    const targets = tenant.targets.map((target) =>
      component.served.findIndex((ref) => ref.server === target.server && ref.model === target.model),
    );
    return { sent: 0, random: streams.get(`routing ${tenant.name}`), targets, outstanding: new Int32Array(targets.length) };
  }

  // --- requests on their way in -------------------------------------------------------------------

  #push(atNs: number, kind: number, subject: number, detail = 0, precedence = 0): void {
    this.#events.push(atNs, kind, subject, detail, precedence);
    this.#actors.update(0, this.#events.nextNs);
  }

  #handleEvent(): void {
    const events = this.#events;
    events.pop();
    this.#actors.update(0, events.nextNs);
    const { kind, subject, detail } = events;
    switch (kind) {
      case Event.answered:
        return this.#answered(subject);
      case Event.clientActs:
        return this.#clientActs(subject);
      case Event.reachesServer:
        return this.#reachesServer(subject);
      case Event.frontEndDone:
        return this.#frontEndDone(subject);
      case Event.phaseDone:
        return this.#phaseDone(this.#executions[subject]!);
      case Event.responseLeaves:
        return this.#responseLeaves(subject);
      default:
        return this.#enterRequestLink(subject, detail);
    }
  }

  #clientActs(t: number): void {
    const client = this.#clients[t]!;
    if (client.nextNs > this.#nowNs) return; // the plan has moved on since this event was set
    const request = client.act(this.#nowNs);
    if (request !== undefined) this.#send(t, request);
    if (client.nextNs !== Infinity) this.#push(client.nextNs, Event.clientActs, t, 0, t);
  }

  #addRow(t: number, request: NextRequest, sentNs: number): number {
    const { requests, component, tenants } = this.#setup;
    const row = requests.add(component.tenants[t]!, request.size, request.plannedNs, sentNs);
    const bytes = request.requestBytes;
    this.#requestBytes[row] = Number.isNaN(bytes) ? tenants[t]!.requestBytes * request.size : bytes;
    this.#priority[row] = request.priority;
    this.#timeoutUs[row] = request.timeoutUs;
    this.#tenantOf[row] = t;
    return row;
  }

  readonly #tenantOf: number[] = [];

  #send(t: number, request: NextRequest): void {
    const row = this.#addRow(t, request, this.#nowNs);
    const tenant = this.#setup.tenants[t]!;
    const router = this.#routers[t]!;
    router.targets.forEach((target, i) => {
      router.outstanding[i] = this.#served[target]!.outstanding;
    });
    const target = router.targets[chooseTarget(tenant.routing, router.targets.length, router, router.random)]!;
    router.sent++;
    this.#servedOf[row] = target;
    const served = this.#served[target]!;
    served.outstanding++;
    const host = this.#hosts[served.host]!;
    this.#setup.requests.server[row] = this.#setup.component.served[target]!.server;
    if (host.requestLink !== undefined) this.#enterRequestLink(row, served.host);
    else this.#arriveAfter(row, host.server.network.requestDelayUs * 1000);
  }

  #enterRequestLink(row: number, hostIndex: number): void {
    const host = this.#hosts[hostIndex]!;
    host.requestLink!.start(row, Math.max(1, this.#requestBytes[row]!), 1, this.#nowNs);
    this.#actors.update(host.requestLinkActor, host.requestLink!.nextNs);
  }

  #handleRequestLink(hostIndex: number): void {
    const host = this.#hosts[hostIndex]!;
    const row = host.requestLink!.finish();
    this.#actors.update(host.requestLinkActor, host.requestLink!.nextNs);
    this.#arriveAfter(row, host.server.network.requestDelayUs * 1000);
  }

  #arriveAfter(row: number, delayNs: number): void {
    if (delayNs === 0) this.#reachesServer(row);
    else this.#push(this.#nowNs + delayNs, Event.reachesServer, row);
  }

  #reachesServer(row: number): void {
    const { requests } = this.#setup;
    requests.networkUs[row] = (this.#nowNs - requests.sentNs[row]!) / 1000;
    const served = this.#served[this.#servedOf[row]!]!;
    const profile = served.run.profiles[0]!;
    if (frontEndNs(profile, this.#requestBytes[row]!) === 0) return this.#admit(row);
    const host = this.#hosts[served.host]!;
    requests.frontEndUs[row] = -this.#nowNs / 1000;
    if (host.frontEnd.enter(row)) this.#runHandler(row, host);
  }

  /** A handler thread takes the request: CPU work on the host, or a plain delay where cores never run short. */
  #runHandler(row: number, host: Host): void {
    const profile = this.#served[this.#servedOf[row]!]!.run.profiles[0]!;
    const sample = frontEndSampler(profile);
    const meanNs = frontEndNs(profile, this.#requestBytes[row]!);
    const workNs = sample === undefined ? meanNs : Math.round(meanNs * sample(host.random));
    this.#work(host, row * 2 + JOB_REQUEST, workNs, 1, () => this.#push(this.#nowNs + workNs, Event.frontEndDone, row));
  }

  /** CPU work on a host: shares its cores where they are limited, else `otherwise` waits for its plain time. */
  #work(host: Host, job: number, workNs: number, cores: number, otherwise: () => void): void {
    if (host.cores === undefined || cores <= 0) {
      host.coreNs += workNs * cores;
      otherwise();
      return;
    }
    host.cores.start(job, workNs, cores, this.#nowNs);
    this.#actors.update(host.coresActor, host.cores.nextNs);
  }

  #handleCores(hostIndex: number): void {
    const host = this.#hosts[hostIndex]!;
    const job = host.cores!.finish();
    this.#actors.update(host.coresActor, host.cores!.nextNs);
    if ((job & 1) === JOB_REQUEST) this.#frontEndDone(job >> 1);
    else this.#phaseDone(this.#executions[job >> 1]!);
  }

  #frontEndDone(row: number): void {
    const host = this.#hosts[this.#served[this.#servedOf[row]!]!.host]!;
    const next = host.frontEnd.leave();
    this.#setup.requests.frontEndUs[row]! += this.#nowNs / 1000;
    if (next >= 0) this.#runHandler(next, host);
    this.#admit(row);
  }

  #admit(row: number): void {
    const { requests, tenants } = this.#setup;
    const served = this.#served[this.#servedOf[row]!]!;
    requests.queuedNs[row] = this.#nowNs;
    served.rows.push(row);
    served.priorities.push(this.#priority[row]!);
    served.timeoutsUs.push(this.#timeoutUs[row]!);
    served.queue.push(this.#nowNs, requests.size[row]!, tenants[this.#tenantOf[row]!]!.shape);
    served.server.pushedAt(this.#nowNs);
    this.#actors.update(served.actor, served.server.nextNs);
  }

  #handleModel(index: number): void {
    const served = this.#served[index]!;
    served.server.limitNs = this.#actors.secondNs;
    served.server.step();
    this.#actors.update(served.actor, served.server.nextNs);
  }

  // --- executions ---------------------------------------------------------------------------------

  #start(model: number, instance: number, from: number, to: number, batch: number, nowNs: number): number {
    const served = this.#served[model]!;
    const { requests, executions, byBatchSize } = this.#setup;
    served.run.draw(instance, batch, nowNs);
    const row = executions.add(model, instance, batch);
    byBatchSize[model]![batch]!++;
    for (let position = from; position < to; position++) {
      const request = this.#row(served, position);
      requests.startedNs[request] = nowNs;
      requests.execution[request] = row;
    }
    const { inputNs, inferNs, outputNs } = served.run;
    const slot = this.#freeExecutions.pop() ?? this.#executions.length;
    this.#executions[slot] = {
      model,
      instance,
      from,
      to,
      row,
      phase: Phase.input,
      phaseStartNs: nowNs,
      inputNs,
      inferNs,
      outputNs,
      computeEndNs: 0,
      nextResponse: from,
    };
    if (served.preserveOrder) served.gate.push(this.#executions[slot]!);
    this.#slotOf.set(this.#executions[slot]!, slot);
    this.#beginPhase(this.#executions[slot]!);
    return Infinity;
  }

  readonly #slotOf = new Map<Execution, number>();

  #row(served: Served, position: number): number {
    return served.rows[served.policy === undefined ? position : served.policy.order[position]!]!;
  }

  #beginPhase(execution: Execution): void {
    const served = this.#served[execution.model]!;
    const host = this.#hosts[served.host]!;
    const { hostCores } = served.instances[execution.instance]!.profile;
    execution.phaseStartNs = this.#nowNs;
    switch (execution.phase) {
      case Phase.input:
        return this.#timed(execution, host, execution.inputNs, hostCores.input);
      case Phase.infer:
        return this.#infer(execution, served, host, hostCores.infer);
      case Phase.output:
        return this.#timed(execution, host, execution.outputNs, hostCores.output);
      default:
        return this.#nextResponse(execution, served, host, hostCores.response);
    }
  }

  /** A phase of `workNs` that uses host cores, if any. */
  #timed(execution: Execution, host: Host, workNs: number, cores: number): void {
    if (workNs === 0) return this.#phaseDone(execution);
    const slot = this.#slotOf.get(execution)!;
    this.#work(host, slot * 2 + JOB_EXECUTION, workNs, cores, () =>
      this.#push(this.#nowNs + workNs, Event.phaseDone, slot),
    );
  }

  #infer(execution: Execution, served: Served, host: Host, cores: number): void {
    const { executions } = this.#setup;
    executions.inferStartNs[execution.row] = this.#nowNs;
    const instance = served.instances[execution.instance]!;
    if (instance.device < 0) return this.#timed(execution, host, execution.inferNs, cores);
    this.#spin(host, cores);
    const device = served.devices[execution.instance];
    const slot = this.#slotOf.get(execution)!;
    if (device === undefined) {
      host.coreNs += execution.inferNs * cores;
      return this.#push(this.#nowNs + execution.inferNs, Event.phaseDone, slot);
    }
    this.#shared.models[device]!.start(slot, execution.model, execution.inferNs, this.#nowNs);
    this.#actors.update(this.#deviceActor[device]!, this.#shared.models[device]!.nextNs);
  }

  /** A thread waits for the GPU: it keeps cores busy (or, when negative, gives them back). */
  #spin(host: Host, cores: number): void {
    if (host.cores === undefined || cores === 0) return;
    host.cores.addBackground(cores, this.#nowNs);
    this.#actors.update(host.coresActor, host.cores.nextNs);
  }

  #handleDevice(index: number): void {
    const device = this.#shared.models[index]!;
    const slot = device.step();
    this.#actors.update(this.#deviceActor[index]!, device.nextNs);
    if (slot >= 0) this.#phaseDone(this.#executions[slot]!);
  }

  #phaseDone(execution: Execution): void {
    const served = this.#served[execution.model]!;
    const tookUs = (this.#nowNs - execution.phaseStartNs) / 1000;
    const { requests, executions } = this.#setup;
    if (execution.phase === Phase.response) return this.#responseDone(execution, served);
    const column = [requests.inputUs, requests.inferUs, requests.outputUs][execution.phase]!;
    for (let position = execution.from; position < execution.to; position++) {
      column[this.#row(served, position)] = tookUs;
    }
    if (execution.phase === Phase.infer) {
      executions.inferEndNs[execution.row] = this.#nowNs;
      const instance = served.instances[execution.instance]!;
      if (instance.device >= 0) this.#spin(this.#hosts[served.host]!, -instance.profile.hostCores.infer);
    }
    if (execution.phase === Phase.output) execution.computeEndNs = this.#nowNs;
    execution.phase++;
    this.#beginPhase(execution);
  }

  // --- answers ------------------------------------------------------------------------------------

  /** Responses of a batch are built and sent one after the other on the instance thread. */
  #nextResponse(execution: Execution, served: Served, host: Host, cores: number): void {
    const { requests, scenario } = this.#setup;
    const profile = served.instances[execution.instance]!.profile;
    const last = execution.nextResponse === execution.to;
    let workNs = served.run.responseFixedNs;
    if (!last) {
      const row = this.#row(served, execution.nextResponse);
      workNs = responseNs(profile, scenario.tenants[requests.tenant[row]!]!, requests.size[row]!);
    }
    this.#timed(execution, host, workNs, cores);
  }

  #responseDone(execution: Execution, served: Served): void {
    if (execution.nextResponse < execution.to) {
      const row = this.#row(served, execution.nextResponse++);
      if (!served.preserveOrder) this.#respond(row, execution.computeEndNs);
      else if (served.gate[0] === execution) this.#passGate(served, execution.nextResponse - 1);
      return this.#beginPhase(execution);
    }
    this.#freeInstance(execution, served);
  }

  #freeInstance(execution: Execution, served: Served): void {
    this.#freeExecutions.push(this.#slotOf.get(execution)!);
    this.#slotOf.delete(execution);
    served.run.ended(execution.instance, this.#nowNs);
    served.server.executionEnded(execution.instance, this.#nowNs);
    this.#actors.update(served.actor, served.server.nextNs);
  }

  /**
   * Responses leave in the order in which executions started. The first in the gate sends its
   * responses from position `from` on as far as they are built; once all have left, the next one
   * sends what it has held back.
   */
  #passGate(served: Served, from: number): void {
    for (let first = served.gate[0], next = from; first !== undefined; first = served.gate[0], next = first?.from ?? 0) {
      for (let position = next; position < first.nextResponse; position++) {
        this.#respond(this.#row(served, position), first.computeEndNs);
      }
      if (first.nextResponse < first.to) return;
      served.gate.shift();
    }
  }

  #respond(row: number, computeEndNs: number): void {
    this.#setup.requests.responseUs[row] = (this.#nowNs - computeEndNs) / 1000;
    this.#setup.requests.outcome[row] = Outcome.completed;
    this.#answer(row);
  }

  /** The model refuses a request, or gives it up: the client hears of it as of any answer. */
  #drop(row: number, outcome: typeof Outcome.rejected | typeof Outcome.timedOut): void {
    this.#setup.requests.outcome[row] = outcome;
    this.#answer(row);
  }

  #answer(row: number): void {
    const host = this.#hosts[this.#served[this.#servedOf[row]!]!.host]!;
    this.#setup.requests.endedNs[row] = -this.#nowNs;
    if (host.responseLink === undefined) return this.#responseLeaves(row);
    const { tenants, requests } = this.#setup;
    const bytes = tenants[this.#tenantOf[row]!]!.responseBytes * requests.size[row]!;
    host.responseLink.start(row, Math.max(1, bytes), 1, this.#nowNs);
    this.#actors.update(host.responseLinkActor, host.responseLink.nextNs);
  }

  #handleResponseLink(hostIndex: number): void {
    const host = this.#hosts[hostIndex]!;
    const row = host.responseLink!.finish();
    this.#actors.update(host.responseLinkActor, host.responseLink!.nextNs);
    this.#responseLeaves(row);
  }

  /** The last byte is on its way: the client has it one delay later. */
  #responseLeaves(row: number): void {
    const { requests } = this.#setup;
    const host = this.#hosts[this.#served[this.#servedOf[row]!]!.host]!;
    const receivedNs = this.#nowNs + host.server.network.responseDelayUs * 1000;
    requests.networkUs[row]! += (receivedNs + requests.endedNs[row]!) / 1000;
    requests.endedNs[row] = receivedNs;
    if (receivedNs > this.#setup.durationNs) {
      requests.endedNs[row] = Number.NaN;
      requests.outcome[row] = Outcome.unfinished;
    }
    this.#push(receivedNs, Event.answered, row);
  }

  #answered(row: number): void {
    this.#served[this.#servedOf[row]!]!.outstanding--;
    const t = this.#tenantOf[row]!;
    const client = this.#clients[t]!;
    const pendingNs = client.nextNs;
    const request = client.answered(this.#nowNs);
    if (request !== undefined) this.#send(t, request);
    if (client.nextNs !== Infinity && client.nextNs !== pendingNs) this.#push(client.nextNs, Event.clientActs, t, 0, t);
  }
}
