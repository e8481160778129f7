import { isClosedLoop } from '../../scenario/network-delay.js';
import type { Tenant } from '../../scenario/scenario.js';
import type { ComponentSetup } from '../component-run.js';
import { EventQueue } from '../containers/event-queue.js';
import type { RequestTable } from '../request-table.js';
import { requestKind } from '../resources/device-laws.js';
import { Actors } from './actors.js';
import type { Host } from './host.js';
import { RequestFacts } from './request-facts.js';
import type { Served } from './served.js';
import { SharedStreams } from './shared-streams.js';
import { Tokens } from './tokens.js';

/**
 * Kinds of one-shot events. The number is the order at one instant: changes first, then answers (they free places
 * for new requests), then requests on their way in, then steps of executions.
 */
export const Event = {
  change: 0,
  answered: 1,
  taken: 2,
  clientActs: 3,
  reachesServer: 4,
  frontEndDone: 5,
  phaseDone: 6,
  handedOn: 7,
  called: 8,
  callDropped: 9,
  hashed: 10,
  responded: 11,
  answerLeaves: 12,
  cacheMiss: 13,
  granted: 14,
  loaded: 15,
  unloaded: 16,
  threadFree: 17,
  waitOver: 18,
  cacheHit: 19,
} as const;

/** Jobs on host cores are told apart by the lowest bit: a request in the front end, or an execution. */
export const Job = { execution: 0, request: 1 } as const;

/** A job for which nobody waits. */
const UNAWAITED = -1;

/**
 * The parts of a component and its clock. Servers and their models are added when they are started: nothing is
 * sized once for all. At one instant one-shot events come first, then links and cores, devices, and models.
 */
export class World {
  nowNs = 0;
  /** When the next request is due that was known before the run; Infinity: none is left. */
  knownNs = Infinity;
  readonly setup: ComponentSetup;
  readonly events = new EventQueue();
  readonly actors = new Actors();
  /** All that have been there so far. */
  readonly hosts: Host[] = [];
  /** All that have been served so far, by their number. */
  readonly served: Served[] = [];
  /** Where requests for each model of the component go now; undefined: it is served nowhere. */
  readonly open: (Served | undefined)[];
  readonly requests: RequestTable;
  readonly facts: RequestFacts;
  /** By tenant, whether an answer changes anything: else its request is over with the sending of it. */
  heedsAnswers: readonly boolean[] = [];
  readonly streams: SharedStreams;
  /** Undefined where no model of the component is one of tokens. */
  readonly tokens: Tokens | undefined;

  constructor(setup: ComponentSetup) {
    this.setup = setup;
    this.requests = setup.requests;
    this.facts = new RequestFacts(this.requests.tenant.length);
    this.open = setup.served.map(() => undefined);
    this.streams = new SharedStreams(setup);
    const hasEngine = setup.served.some(({ engine }) => engine !== undefined);
    this.tokens = hasEngine ? new Tokens(setup.tenants, (use) => setup.streams.get(use)) : undefined;
  }

  /** Sets a one-shot event. `precedence` orders events of one kind at one instant. */
  at(atNs: number, kind: number, subject: number, precedence = 0): void {
    this.events.push(atNs, kind, subject, precedence);
  }

  /** When something happens besides the step of the actor that has its turn. */
  get limitNs(): number {
    return Math.min(this.actors.secondNs, this.events.nextNs, this.knownNs);
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
    host.cores.of.start(job, workNs, cores, this.nowNs);
    this.actors.update(host.cores.actor, host.cores.of.nextNs);
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
    const { host } = this.servedOf(row);
    if (host.server.options.threadWaits === undefined) return 0;
    return isClosedLoop(this.tenantOf(row).load) ? 0 : this.threadWaitNs(host);
  }

  /** An inference begins to keep cores busy, be it by waiting for a GPU; negative when it no longer does. */
  spin(host: Host, cores: number): void {
    host.computing = Math.max(0, host.computing + cores);
    if (host.cores === undefined || cores === 0) return;
    host.cores.of.addBackground(cores, this.nowNs);
    this.actors.update(host.cores.actor, host.cores.of.nextNs);
  }

  /**
   * Taking a request in, or sending its answer, keeps a core busy for so long: what computes meanwhile has one less. So does
   * what surrounds an execution.
   */
  handle({ host }: Served, ns: number): void {
    if (ns === 0) return;
    host.coreNs += ns;
    const { requestsOn } = host;
    if (requestsOn === undefined) return;
    requestsOn.of.start(UNAWAITED, requestKind(this.setup), ns, this.nowNs, 1);
    this.actors.update(requestsOn.actor, requestsOn.of.nextNs);
  }

  /** Of the answer to a request: what another model gets is not what the client gets. */
  responseBytes(row: number): number {
    const { requests } = this;
    const isCall = requests.calls !== undefined && requests.calls.parent[row]! >= 0;
    const { responseBytes } = isCall ? this.servedOf(row).profile.payload : this.tenantOf(row);
    return responseBytes * requests.size[row]!;
  }

  /** A request of a tenant goes to a server. */
  sentTo(row: number, tenant: number, { index: server }: Host): void {
    if (this.streams.has(tenant))
      this.streams.sent(row, { tenant, server, sequence: this.facts.sequenceId[row]! });
  }

  servedOf(row: number): Served {
    return this.served[this.facts.served[row]!]!;
  }

  tenantOf(row: number): Tenant {
    return this.setup.tenants[this.facts.tenant[row]!]!;
  }

  /** Core-nanoseconds used on each server, by its index. */
  hostCoreNs(): Map<number, number> {
    const { durationNs } = this.setup;
    const used = new Map<number, number>();
    for (const { index, server, cores, coreNs } of this.hosts) {
      const ns =
        cores === undefined
          ? coreNs
          : Math.min(server.cpuCores * durationNs, cores.of.usedUntil(durationNs) + coreNs);
      used.set(index, (used.get(index) ?? 0) + ns);
    }
    return used;
  }
}
