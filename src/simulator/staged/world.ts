import type { Random } from '../../base/random.js';
import { isClosedLoop } from '../../scenario/network-delay.js';
import { coresOfRequests } from '../../scenario/request-cpu.js';
import type { ModelInstance, NetworkDelay, Server, Tenant } from '../../scenario/scenario.js';
import { ActorQueue } from '../actor-queue.js';
import type { ComponentSetup } from '../component-run.js';
import { buildDevices, requestKind, type SharedDevices } from '../devices.js';
import { EventQueue } from '../event-queue.js';
import type { ModelQueue } from '../model-queue.js';
import type { ModelServer } from '../model-server.js';
import type { PolicyQueue } from '../policy-queue.js';
import { ProcessorSharing } from '../processor-sharing.js';
import type { RequestPath } from '../request-path.js';
import type { ServedRun } from '../served-run.js';
import type { AdmittedRows } from './admitted-rows.js';
import { FrontEnd } from './front-end.js';
import { RequestFacts } from './request-facts.js';

/**
 * Kinds of one-shot events. The number is the order at one instant: answers first (they free places
 * for new requests), then requests on their way in, then steps of executions.
 */
export const Event = { answered: 0, clientActs: 1, reachesServer: 2, frontEndDone: 3, phaseDone: 4 } as const;

/** Jobs on host cores are told apart by the lowest bit: a request in the front end, or an execution. */
export const Job = { execution: 0, request: 1 } as const;

/** A job for which nobody waits. */
const UNAWAITED = -1;

/** One server's stages around its models. */
export interface Host {
  readonly server: Server;
  /** Undefined where cores never run short. */
  readonly cores: ProcessorSharing | undefined;
  readonly coresActor: number;
  /** Undefined where bandwidth never runs short. */
  readonly requestLink: ProcessorSharing | undefined;
  readonly requestLinkActor: number;
  readonly responseLink: ProcessorSharing | undefined;
  readonly responseLinkActor: number;
  readonly frontEnd: FrontEnd;
  readonly random: Random;
  /** Draws what waking threads wait. */
  readonly waits: Random;
  /** Core-nanoseconds used: all of them, or what requests took besides where cores are limited. */
  coreNs: number;
  /** Cores on which inferences compute now. */
  computing: number;
  /** The shared device on which taking requests in takes cores from executions; undefined where it takes none. */
  readonly requestsOn: number | undefined;
}

/** One served model with all that belongs to it. */
export interface Served {
  /** Among the component's served models. */
  readonly index: number;
  readonly server: ModelServer;
  readonly run: ServedRun;
  readonly policy: PolicyQueue | undefined;
  readonly queue: ModelQueue;
  readonly admitted: AdmittedRows;
  readonly instances: readonly ModelInstance[];
  /** Shared device of each instance; undefined = runs alone, or on the host. */
  readonly devices: readonly (number | undefined)[];
  readonly host: Host;
  readonly networkDelay: NetworkDelay;
  readonly requestPath: RequestPath;
  /** Core time of taking a request in, nanoseconds, and as much of sending its answer. */
  readonly handlingNs: number;
  /** Core time of bringing an execution to its instance, nanoseconds, and as much of what follows it. */
  readonly dispatchNs: number;
  /** Draws the ratio of one front-end time to its mean; undefined = it does not vary. */
  readonly frontEndSample: ((random: Random) => number) | undefined;
  readonly actor: number;
  /** Requests sent to it and not yet answered: what routers look at. */
  outstanding: number;
}

/**
 * The parts of a component and its clock. Actor 0 is the queue of one-shot events; links, hosts,
 * devices and models follow: that is also their order at one instant.
 */
export class World {
  nowNs = 0;
  readonly setup: ComponentSetup;
  readonly events = new EventQueue();
  readonly devices: SharedDevices;
  readonly hosts: readonly Host[];
  readonly served: Served[] = [];
  readonly facts = new RequestFacts();
  readonly firstDeviceActor: number;
  readonly firstModelActor: number;
  readonly actors: ActorQueue;

  constructor(setup: ComponentSetup) {
    this.setup = setup;
    this.devices = buildDevices(setup);
    const servers = [...new Set(setup.component.served.map((ref) => ref.server))];
    this.hosts = servers.map((server, index) => createHost(setup, this.devices, server, 1 + 3 * index));
    this.firstDeviceActor = 1 + 3 * servers.length;
    this.firstModelActor = this.firstDeviceActor + this.devices.models.length;
    this.actors = new ActorQueue(this.firstModelActor + setup.served.length);
  }

  /** Sets a one-shot event. `precedence` orders events of one kind at one instant. */
  at(atNs: number, kind: number, subject: number, precedence = 0): void {
    this.events.push(atNs, kind, subject, precedence);
    this.actors.update(0, this.events.nextNs);
  }

  /** A model's next event may have changed. */
  touch(served: Served): void {
    this.actors.update(served.actor, served.server.nextNs);
  }

  /**
   * Puts CPU work on a host's cores, where they are limited. False where they are not, or the work
   * needs none: then it takes its plain time, and the caller waits for it.
   */
  useCores(host: Host, job: number, workNs: number, cores: number): boolean {
    if (host.cores === undefined || cores <= 0) {
      this.countCores(host, workNs, cores);
      return false;
    }
    host.cores.start(job, workNs, cores, this.nowNs);
    this.actors.update(host.coresActor, host.cores.nextNs);
    return true;
  }

  /** Cores are kept busy for so long from now on, as far as the run goes; limited ones count that by themselves. */
  countCores(host: Host, ns: number, cores: number): void {
    if (host.cores === undefined) host.coreNs += Math.min(ns, this.setup.durationNs - this.nowNs) * cores;
  }

  /** What a thread that wakes now waits for a core: the more often, the more of the other cores compute. */
  threadWaitNs({ server, computing, waits }: Host): number {
    const { threadWaits } = server.options;
    if (threadWaits === undefined || computing === 0) return 0;
    const { share, longestUs, cores } = threadWaits;
    const others = Math.max(1, cores - 1);
    if (computing < others || waits.next() >= (share * computing) / others) return 0;
    return Math.round(waits.next() * longestUs * 1000);
  }

  /**
   * What a request, or its answer, waits for threads on its way that wake. Closed-loop clients hand on from thread to thread, each of which
   * then sleeps: nobody waits.
   */
  clientWaitNs(row: number): number {
    return isClosedLoop(this.tenantOf(row).load) ? 0 : this.threadWaitNs(this.servedOf(row).host);
  }

  /** An inference begins to keep cores busy, be it by waiting for a GPU; negative when it no longer does. */
  spin(host: Host, cores: number): void {
    host.computing = Math.max(0, host.computing + cores);
    if (host.cores === undefined || cores === 0) return;
    host.cores.addBackground(cores, this.nowNs);
    this.actors.update(host.coresActor, host.cores.nextNs);
  }

  /**
   * Taking a request in, or sending its answer, keeps a core busy for so long: what computes meanwhile has one less. So does
   * what surrounds an execution.
   */
  handle({ host }: Served, ns: number): void {
    if (ns === 0) return;
    host.coreNs += ns;
    if (host.requestsOn === undefined) return;
    const device = this.devices.models[host.requestsOn]!;
    device.start(UNAWAITED, requestKind(this.setup), ns, this.nowNs, 1);
    this.actors.update(this.firstDeviceActor + host.requestsOn, device.nextNs);
  }

  servedOf(row: number): Served {
    return this.served[this.facts.served[row]!]!;
  }

  tenantOf(row: number): Tenant {
    return this.setup.tenants[this.facts.tenant[row]!]!;
  }

  /** Core-nanoseconds used on each host, by server index. */
  hostCoreNs(): Map<number, number> {
    const { scenario, durationNs } = this.setup;
    return new Map(
      this.hosts.map(({ server, cores, coreNs }) => [
        scenario.servers.indexOf(server),
        cores === undefined
          ? coreNs
          : Math.min(server.cpuCores * durationNs, cores.usedUntil(durationNs) + coreNs),
      ]),
    );
  }
}

function createHost(
  setup: ComponentSetup,
  devices: SharedDevices,
  serverIndex: number,
  firstActor: number,
): Host {
  const server = setup.scenario.servers[serverIndex]!;
  const cpu = coresOfRequests(server);
  const cores = Number.isFinite(server.cpuCores) ? new ProcessorSharing(server.cpuCores, 1) : undefined;
  cores?.addBackground(server.backgroundCores ?? 0, 0);
  const link = (bytesPerUs: number) =>
    Number.isFinite(bytesPerUs) ? new ProcessorSharing(bytesPerUs / 1000, Infinity) : undefined;
  return {
    server,
    requestLink: link(server.network.requestBytesPerUs),
    requestLinkActor: firstActor,
    responseLink: link(server.network.responseBytesPerUs),
    responseLinkActor: firstActor + 1,
    cores,
    coresActor: firstActor + 2,
    frontEnd: new FrontEnd(server.options.frontEndThreads),
    random: setup.streams.get(`front end ${server.name}`),
    waits: setup.streams.get(`thread waits ${server.name}`),
    coreNs: 0,
    computing: 0,
    requestsOn: cpu === undefined ? undefined : devices.indexOf(serverIndex, cpu),
  };
}
