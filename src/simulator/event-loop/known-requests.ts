import { usesCache } from '../../scenario/composition.js';
import { sendsAsPlanned } from '../component-load.js';
import type { ComponentSetup } from '../component-run.js';
import { isTimeless } from './response-cache.js';
import type { Senders } from './senders.js';
import type { Served } from './served.js';
import { Event, type World } from './world.js';

/** Whether {@link KnownRequests} can be made. What threads take to wake depends on the requests of all tenants of a model. */
export function areRequestsKnown(setup: ComponentSetup): boolean {
  const { tenants, component } = setup;
  if (!sendsAsPlanned(setup)) return false;
  return tenants.length === 1 || component.served.every((_, model) => setup.networkDelay(model).wakeUs === 0);
}

/**
 * Requests that are known before the run: each is a place in a sorted column instead of two events. It is due when it reaches its
 * server, where that is known too, or else when it is sent. One that goes to the cache at once is due when its key has been made.
 */
export class KnownRequests {
  /** The kind of event that the next one is, for the order at one instant. */
  nextKind: number = Event.reachesServer;
  readonly #world: World;
  #next = -1;
  /** By row: when it is due, and as which kind of event. */
  readonly #dueNs: Float64Array;
  readonly #kind: Uint8Array;
  /** Rows in the order in which they are due; undefined: as they stand in the table. */
  readonly #order: readonly number[] | undefined;

  /** Sends the requests of all tenants, each of which is an open loop. */
  constructor(world: World, senders: Senders) {
    this.#world = world;
    const { requests, setup, open } = world;
    const ends = setup.tenants.map((_, t) => {
      senders.addPlanned(t);
      return requests.length;
    });
    this.#dueNs = new Float64Array(requests.length);
    this.#kind = new Uint8Array(requests.length);
    for (let t = 0, row = 0; t < ends.length; t++) {
      const served = open[senders.asked[t]!]!;
      const { requestLink, server } = served.host;
      const isDelayKnown = requestLink === undefined && server.options.threadWaits === undefined;
      const mayBeLookedUp = isDelayKnown && this.#isLookedUpAtOnce(served);
      served.outstanding += ends[t]! - row;
      served.host.onTheWay += ends[t]! - row;
      for (; row < ends[t]!; row++) this.#plan(row, served, isDelayKnown, mayBeLookedUp);
    }
    if (!this.#isInOrder()) this.#order = [...this.#dueNs.keys()].sort((a, b) => this.#compare(a, b));
    this.#advance();
  }

  /** Takes the next one. @returns its row */
  take(): number {
    const row = this.#rowAt(this.#next);
    this.#advance();
    return row;
  }

  #plan(row: number, served: Served, isDelayKnown: boolean, mayBeLookedUp: boolean): void {
    const { requests, facts, setup } = this.#world;
    facts.served[row] = served.number;
    if (requests.calls !== undefined) requests.calls.model[row] = served.index;
    requests.server[row] = served.host.index;
    this.#world.sentTo(row, facts.tenant[row]!, served.host);
    const sentNs = requests.sentNs[row]!;
    const reachedNs = isDelayKnown ? served.requestPath.arrivalNs(sentNs) : sentNs;
    this.#dueNs[row] = reachedNs;
    this.#kind[row] = reachedNs === sentNs ? Event.clientActs : Event.reachesServer;
    if (!mayBeLookedUp) return;
    this.#kind[row] = Event.hashed;
    if (reachedNs >= setup.durationNs) return;
    requests.queuedNs[row] = reachedNs;
    if (reachedNs !== sentNs) requests.networkUs[row] = (reachedNs - sentNs) / 1000;
  }

  /** Whether nothing happens to requests for a model on their way to the cache, and their answers from there change nothing for others. */
  #isLookedUpAtOnce({ host, model, profile: { frontEnd }, answersUnseen }: Served): boolean {
    return (
      usesCache(host.server, model) &&
      this.#world.requests.calls === undefined &&
      answersUnseen &&
      frontEnd.perRequestUs === 0 &&
      frontEnd.perKilobyteUs === 0 &&
      isTimeless(host.server.options.cache!)
    );
  }

  #advance(): void {
    const next = ++this.#next;
    const row = this.#rowAt(next);
    const isLeft = next < this.#dueNs.length;
    this.#world.knownNs = isLeft ? this.#dueNs[row]! : Infinity;
    if (isLeft) this.nextKind = this.#kind[row]!;
  }

  #rowAt(place: number): number {
    return this.#order === undefined ? place : this.#order[place]!;
  }

  #isInOrder(): boolean {
    for (let row = 1; row < this.#dueNs.length; row++) if (this.#compare(row - 1, row) > 0) return false;
    return true;
  }

  /** At one instant those come first that were sent first, and of several tenants in their order. */
  #compare(a: number, b: number): number {
    const { sentNs } = this.#world.requests;
    return (
      this.#dueNs[a]! - this.#dueNs[b]! || this.#kind[a]! - this.#kind[b]! || sentNs[a]! - sentNs[b]! || a - b
    );
  }
}
