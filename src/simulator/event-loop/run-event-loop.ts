import type { ComponentResult } from '../component-result.js';
import type { ComponentSetup } from '../component-run.js';
import { Caching } from './caching.js';
import { Calls } from './calls/calls.js';
import { Executions } from './executions/executions.js';
import { Inbound } from './inbound.js';
import type { KnownRequests } from './known-requests.js';
import { Outbound } from './outbound.js';
import { grantsCame, unloaded } from './served.js';
import { Servers } from './servers.js';
import { Event, Job, World } from './world.js';

/** Simulates any component by the events of all its parts, up to the end of the run. */
export function runEventLoop(setup: ComponentSetup): ComponentResult {
  const simulation = new EventLoop(setup);
  simulation.run();
  return simulation.result();
}

/** Takes events of all parts in order of time and tells the part that they concern. */
class EventLoop {
  readonly #world: World;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #executions: Executions;
  readonly #servers: Servers;
  readonly #calls: Calls;
  readonly #caching: Caching;

  constructor(setup: ComponentSetup) {
    const world = new World(setup);
    this.#world = world;
    const settle = (host: Parameters<Servers['settle']>[0]) => this.#servers.settle(host);
    this.#outbound = new Outbound(world, settle, () => this.#calls);
    this.#caching = new Caching(world, {
      missed: (row) => this.#calls.asked(row, this.#inbound.enqueue(row)),
      answered: (row, atNs) => this.#outbound.answerLeavesAt(row, atNs),
      lookedUp: (row) => this.#inbound.lookedUp(row),
    });
    this.#calls = new Calls(world, {
      admit: (row) => this.#inbound.admit(row),
      answer: (row, outcome) => this.#outbound.answer(row, outcome),
      keep: (row) => this.#caching.keep(row, world.responseBytes(row)),
      settle,
    });
    this.#executions = new Executions(world, {
      outbound: this.#outbound,
      calls: this.#calls,
      caching: this.#caching,
      settle,
    });
    this.#servers = new Servers(world, {
      requestSent: (host) => this.#inbound.linkDone(host),
      responseSent: (host) => this.#outbound.linkDone(host),
      jobDone: (job) => {
        if ((job & 1) === Job.request) this.#inbound.frontEndDone(job >> 1);
        else this.#executions.phaseDone(job >> 1);
      },
      phaseDone: (slot) => this.#executions.phaseDone(slot),
      executorFor: (served) => this.#executions.executorFor(served),
      died: (served, instance) => this.#executions.died(served, instance),
      drop: (row, outcome) => this.#outbound.drop(row, outcome),
    });
    this.#inbound = new Inbound(world, this.#outbound, this.#calls, this.#caching);
    for (const [place, { change }] of setup.changes.entries())
      world.at(change.atUs * 1000, Event.change, place);
  }

  run(): void {
    const world = this.#world;
    const { actors, events } = world;
    const { known } = this.#inbound;
    const { durationNs } = world.setup;
    for (;;) {
      actors.find();
      const isEvent = events.nextNs <= actors.firstNs;
      const nowNs = isEvent ? events.nextNs : actors.firstNs;
      if (world.knownNs < durationNs && this.#isKnownFirst(nowNs)) {
        this.#takeKnown(known!, Math.min(nowNs, durationNs));
        continue;
      }
      if (!(nowNs < durationNs)) break;
      world.nowNs = nowNs;
      if (isEvent) {
        events.pop();
        this.#handleEvent(events.kind, events.subject);
      } else actors.first!.step();
    }
    this.#executions.runEnded();
    this.#servers.runEnded();
    this.#inbound.addUnsent();
  }

  /** Whether a request that was known before the run is due before any event and actor. */
  #isKnownFirst(nowNs: number): boolean {
    const { knownNs, events } = this.#world;
    if (knownNs > nowNs) return false;
    return knownNs < events.nextNs || this.#inbound.known!.nextKind < events.nextKind;
  }

  /** Takes requests that are due, up to the first that may change what else is. */
  #takeKnown(known: KnownRequests, untilNs: number): void {
    const world = this.#world;
    let isHit = true;
    do {
      const { nextKind } = known;
      world.nowNs = world.knownNs;
      const row = known.take();
      if (nextKind === Event.clientActs) return this.#inbound.leaves(row);
      if (nextKind === Event.reachesServer) return this.#inbound.reachesServer(row);
      isHit = this.#caching.lookUp(row);
    } while (isHit && world.knownNs < untilNs);
  }

  result(): ComponentResult {
    return this.#world.setup.result(this.#world.hostCoreNs(), this.#servers.departures);
  }

  #handleEvent(kind: number, subject: number): void {
    switch (kind) {
      case Event.change:
        return this.#servers.apply(subject);
      case Event.answered:
        return this.#inbound.answered(subject);
      case Event.taken:
        return this.#inbound.taken(subject);
      case Event.clientActs:
        return this.#inbound.act(subject);
      case Event.reachesServer:
        return this.#inbound.reachesServer(subject);
      case Event.frontEndDone:
        return this.#inbound.frontEndDone(subject);
      case Event.handedOn:
        return this.#calls.handOvers.handedOn(subject);
      case Event.called:
        return this.#inbound.admit(subject);
      case Event.callDropped:
        return this.#calls.dropped(subject);
      case Event.hashed:
        this.#caching.lookUp(subject);
        return;
      case Event.responded:
        return this.#outbound.responded(subject);
      case Event.answerLeaves:
        return this.#outbound.answerLeaves(subject);
      case Event.cacheMiss:
        return this.#caching.missed(subject);
      case Event.cacheHit:
        return this.#inbound.lookedUp(subject);
      case Event.granted:
        return grantsCame(this.#world, subject);
      case Event.loaded:
        return this.#inbound.loaded(subject);
      case Event.unloaded:
        return unloaded(this.#world, subject);
      case Event.threadFree:
        return this.#calls.handOvers.threadIsFree(subject);
      case Event.waitOver:
        return this.#calls.handOvers.waitIsOver(subject);
      default:
        return this.#executions.phaseDone(subject);
    }
  }
}
