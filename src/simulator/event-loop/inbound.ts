import { Outcome } from '../../trace/request-log.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../trace/sequence-flags.js';
import type { Client, NextRequest } from '../load/clients.js';
import { frontEndNs } from '../service/served-run.js';
import type { Caching } from './caching.js';
import type { Calls } from './calls/calls.js';
import type { Host } from './host.js';
import { areRequestsKnown, KnownRequests } from './known-requests.js';
import type { Outbound } from './outbound.js';
import { createRouter, modelOf, type Router } from './routers.js';
import { Senders } from './senders.js';
import type { Served } from './served.js';
import { Event, Job, type World } from './world.js';

/** Requests on their way in: client, router, network, front end, queue. */
export class Inbound {
  readonly #world: World;
  readonly #outbound: Outbound;
  readonly #calls: Calls;
  readonly #caching: Caching;
  /** Those that need no events on their way in. */
  readonly known: KnownRequests | undefined;
  readonly #senders: Senders;
  readonly #clients: readonly Client[];
  readonly #routers: readonly Router[];
  /** When each request in the front end came there. */
  readonly #enteredNs = new Map<number, number>();

  constructor(world: World, outbound: Outbound, calls: Calls, caching: Caching) {
    this.#world = world;
    this.#calls = calls;
    this.#caching = caching;
    this.#outbound = outbound;
    const { tenants } = world.setup;
    const areKnown = areRequestsKnown(world.setup);
    this.#senders = new Senders(world);
    this.#clients = this.#senders.clients;
    const isWatched = tenants.some(({ targets }) => targets.length > 1);
    world.heedsAnswers = this.#clients.map(
      ({ heedsAnswers }, t) => heedsAnswers || isWatched || world.streams.has(t),
    );
    this.#routers = tenants.map((tenant) => createRouter(world, tenant));
    this.known = areKnown ? new KnownRequests(world, this.#senders) : undefined;
    if (!areKnown) for (const t of tenants.keys()) this.#setNextAct(t);
  }

  /** The client of tenant `t` may want to send. */
  act(t: number): void {
    const client = this.#clients[t]!;
    if (client.nextNs > this.#world.nowNs) return; // the plan has moved on since this event was set
    const request = client.act(this.#world.nowNs);
    if (request !== undefined) this.#send(t, request);
    this.#setNextAct(t);
  }

  /** An answer has reached its client: a thread takes it now, or when it is done with earlier ones. */
  answered(row: number): void {
    const { facts, nowNs, requests, setup } = this.#world;
    const takenNs = this.#clients[facts.tenant[row]!]!.takenNs(nowNs);
    if (takenNs <= nowNs) return this.taken(row);
    const { durationNs } = setup;
    requests.networkUs[row]! += (takenNs - nowNs) / 1000;
    this.#world.at(takenNs, Event.taken, row);
    if (takenNs <= durationNs) {
      requests.endedNs[row] = takenNs;
      return;
    }
    requests.endedNs[row] = Number.NaN;
    requests.outcome[row] = Outcome.unfinished;
  }

  /** A thread of the client takes an answer. */
  taken(row: number): void {
    const { facts, nowNs, requests } = this.#world;
    const outcome = requests.outcome[row]!;
    if (facts.served[row]! >= 0) this.#world.servedOf(row).outstanding--;
    const t = facts.tenant[row]!;
    const client = this.#clients[t]!;
    const plannedNs = client.nextNs;
    const request = client.answered(nowNs, outcome === Outcome.rejected || outcome === Outcome.timedOut);
    if (request !== undefined) this.#send(t, request);
    if (client.nextNs !== plannedNs) this.#setNextAct(t);
  }

  /** The last byte of a request has left the client's side. */
  linkDone(host: Host): void {
    const { of: link, actor } = host.requestLink!;
    const row = link.finish();
    this.#world.actors.update(actor, link.nextNs);
    this.#travel(row);
  }

  reachesServer(row: number): void {
    const { nowNs, requests } = this.#world;
    const onWayNs = nowNs - requests.sentNs[row]!;
    if (onWayNs !== 0) requests.networkUs[row] = onWayNs / 1000;
    const served = this.#world.servedOf(row);
    const { host } = served;
    host.onTheWay--;
    host.requests++;
    if (host.refuses) return this.#outbound.drop(row, Outcome.rejected);
    this.#world.handle(served, served.handlingNs);
    const isAtOnce = frontEndNs(served.profile, this.#world.facts.requestBytes[row]!) === 0;
    if (isAtOnce && !this.#waitsForThread(host) && !this.#looksUp(served)) return this.admit(row);
    const isTaken = host.frontEnd.enter(row);
    if (isTaken && isAtOnce) return this.#takenIn(row, served);
    this.#enteredNs.set(row, nowNs);
    if (isTaken) this.#handle(row, host);
  }

  /** Whether threads may be busy with something that also concerns requests for which the front end takes no time. */
  #waitsForThread({ frontEnd, cache }: Host): boolean {
    return frontEnd.isHeld || (cache !== undefined && frontEnd.isFull);
  }

  /** A handler thread is done with a request and takes the next one that waits. */
  frontEndDone(row: number): void {
    const { nowNs, requests } = this.#world;
    const served = this.#world.servedOf(row);
    requests.frontEndUs[row] = (nowNs - this.#enteredNs.get(row)!) / 1000;
    this.#enteredNs.delete(row);
    this.#takenIn(row, served);
  }

  /** A thread has taken a request in. It is free now, or once the cache was asked. */
  #takenIn(row: number, served: Served): void {
    const looksUp = this.#looksUp(served);
    if (looksUp) this.#world.facts.holdsThread[row] = 1;
    this.admit(row);
    if (!looksUp) this.#takeNext(served.host);
  }

  /** The cache has been asked for the answer to a request: the thread that took the request in takes the next one. */
  lookedUp(row: number): void {
    const { holdsThread } = this.#world.facts;
    if (holdsThread[row] === 0) return;
    holdsThread[row] = 0;
    this.#takeNext(this.#world.servedOf(row).host);
  }

  #takeNext(host: Host): void {
    const next = host.frontEnd.leave();
    if (next >= 0) this.#handle(next, host);
  }

  /** Whether the thread that takes a request in also looks for its answer (dynamic_batch_scheduler.cc:216-238, r24.10). */
  #looksUp(served: Served): boolean {
    return served.isLoaded && served.host.modelCache === undefined && this.#caching.concerns(served);
  }

  /** The thread that took a request in hands it on to steps of an ensemble, or waits for a place in one: it takes no other. */
  #holdThread(row: number, { frontEnd }: Host): void {
    if (this.#world.requests.calls!.parent[row]! >= 0) return;
    frontEnd.hold();
    this.#calls.handOvers.whenFree(() => {
      const next = frontEnd.release();
      if (next >= 0) this.#handle(next, this.#world.servedOf(next).host);
    });
  }

  addUnsent(): void {
    if (this.known === undefined) this.#senders.addUnsent();
  }

  #setNextAct(t: number): void {
    const { nextNs } = this.#clients[t]!;
    if (nextNs !== Infinity) this.#world.at(nextNs, Event.clientActs, t, t);
  }

  #send(t: number, request: NextRequest): void {
    const { requests, facts, nowNs } = this.#world;
    const row = this.#senders.addRow(t, request, nowNs);
    const ends = (facts.sequenceFlags[row]! & SEQUENCE_END) !== 0;
    const served = this.#routers[t]!(facts.sequenceId[row]!, ends);
    if (served === undefined) return this.#refuse(row, t);
    facts.served[row] = served.number;
    if (requests.calls !== undefined) requests.calls.model[row] = served.index;
    const { host } = served;
    served.outstanding++;
    host.onTheWay++;
    requests.server[row] = host.index;
    this.#world.sentTo(row, t, host);
    this.leaves(row);
  }

  /** A request leaves its client. */
  leaves(row: number): void {
    const { facts, nowNs, actors } = this.#world;
    const { requestLink } = this.#world.servedOf(row).host;
    if (requestLink === undefined) return this.#travel(row);
    requestLink.of.start(row, Math.max(1, facts.requestBytes[row]!), 1, nowNs);
    actors.update(requestLink.actor, requestLink.of.nextNs);
  }

  /** No server is there that could take it: its client hears so after the way to one and back. */
  #refuse(row: number, t: number): void {
    const { setup, requests, nowNs } = this.#world;
    const { durationNs } = setup;
    const target = setup.tenants[t]!.targets[0]!;
    const { requestDelayUs, responseDelayUs } = setup.networkDelay(modelOf(setup, target));
    const receivedNs = nowNs + (requestDelayUs + responseDelayUs) * 1000;
    requests.server[row] = target.server;
    requests.networkUs[row] = (receivedNs - nowNs) / 1000;
    if (receivedNs <= durationNs) {
      requests.endedNs[row] = receivedNs;
      requests.outcome[row] = Outcome.rejected;
    }
    this.#world.at(receivedNs, Event.answered, row);
  }

  #travel(row: number): void {
    const { nowNs } = this.#world;
    const waitNs = this.#world.clientWaitNs(row);
    const arrivalNs = this.#world.servedOf(row).requestPath.arrivalNs(nowNs, waitNs);
    if (arrivalNs === nowNs) this.reachesServer(row);
    else this.#world.at(arrivalNs, Event.reachesServer, row);
  }

  #handle(row: number, host: Host): void {
    const world = this.#world;
    const profile = world.servedOf(row).profile;
    const meanNs = frontEndNs(profile, world.facts.requestBytes[row]!);
    const sample = world.servedOf(row).frontEndSample;
    const workNs = sample === undefined ? meanNs : Math.round(meanNs * sample(host.random));
    if (workNs > 0 && world.useCores(host, row * 2 + Job.request, workNs, 1)) return;
    world.at(world.nowNs + workNs, Event.frontEndDone, row);
  }

  /** A call comes to its model, or a request from the front end: an ensemble hands it on, any other queues it. */
  admit(row: number): void {
    const world = this.#world;
    const served = this.#loaded(row);
    if (served === undefined) return this.#outbound.drop(row, Outcome.rejected);
    world.requests.queuedNs[row] = world.nowNs;
    if (this.#hasModel(row, served)) this.#goOn(row, served);
  }

  /** Whether its model is loaded; else the request goes on when it is. */
  #hasModel(row: number, served: Served): boolean {
    const { modelCache } = served.host;
    if (modelCache === undefined) return true;
    const { calls } = this.#world.requests;
    if (calls === undefined || calls.parent[row]! < 0) return modelCache.admit(row, served);
    modelCache.called(served);
    return true;
  }

  /** A model is loaded that requests have waited for. */
  loaded(number: number): void {
    const served = this.#world.served[number]!;
    for (const row of served.host.modelCache!.loaded(served)) this.#goOn(row, this.#world.servedOf(row));
  }

  #goOn(row: number, served: Served): void {
    if (!this.#caching.concerns(served)) this.enqueue(row);
    else {
      this.#calls.asks(row);
      this.#caching.come(row);
    }
  }

  /** The version of its model that takes requests now; undefined: none is loaded. */
  #loaded(row: number): Served | undefined {
    const { open, facts } = this.#world;
    const sent = this.#world.servedOf(row);
    if (sent.isLoaded) return sent;
    const now = open[sent.index];
    if (now?.isLoaded !== true || now.host !== sent.host) return undefined;
    facts.served[row] = now.number;
    sent.outstanding--;
    now.outstanding++;
    return now;
  }

  /** To its model, past the cache. @returns how long the thread that brings it is then busy, as hand-overs say it */
  enqueue(row: number): number {
    const world = this.#world;
    const { facts, requests } = world;
    const served = world.servedOf(row);
    if (served.model.ensemble !== undefined) {
      const ns = this.#calls.begin(row, served);
      if (ns === Infinity) this.#holdThread(row, served.host);
      return ns;
    }
    if (served.iterations !== undefined) {
      served.iterations.begin(row);
      // A request without a correlation id gets one of its own.
      facts.setSequence(row, -1 - row, SEQUENCE_START);
    }
    served.admitted.add(row, facts.priority[row]!, facts.timeoutUs[row]!);
    const sinceNs = served.host.modelCache === undefined ? requests.queuedNs[row]! : world.nowNs;
    served.queue.push(sinceNs, requests.size[row]!, world.tenantOf(row).shape);
    served.server.pushedAt(world.nowNs);
    world.touch(served);
    return 0;
  }
}
