import { remembered } from '../../base/remembered.js';
import type { ComponentSetup } from '../component-run.js';
import { ActorQueue } from '../containers/actor-queue.js';
import { meetsInFrontEnd } from '../partition.js';
import { frontEndNs, frontEndSampler } from '../service/served-run.js';
import { admissionOrder } from './admission-order.js';
import { type KnownArrivals, permuted } from './known-arrivals.js';

/** Requests of all models of a component as they come into their queues, and what their front ends did before. */
export interface FrontEndPass {
  /** Of each served model. */
  readonly arrivals: readonly KnownArrivals[];
  /** Core-nanoseconds that handler threads used within the run, by server index. */
  readonly coreNs: ReadonlyMap<number, number>;
}

/**
 * Takes requests that have reached their servers through the front ends: threads take them in the order in which they came,
 * whatever the models do with them later. The same times and random numbers as in the event loop.
 *
 * @param reached of each served model, with the times at which they reach the server
 */
export function passFrontEnds(setup: ComponentSetup, reached: readonly KnownArrivals[]): FrontEndPass {
  const byServer = new Map<number, number[]>();
  for (const [model, ref] of setup.component.served.entries())
    if (meetsInFrontEnd(setup.server(ref))) remembered(byServer, ref.server, () => []).push(model);
  const arrivals = [...reached];
  const coreNs = new Map<number, number>();
  for (const [server, models] of byServer) {
    const comers = models.map((model) => new Comers(setup, model, reached[model]!));
    coreNs.set(server, handleAll(setup, server, comers));
    for (const each of comers) arrivals[each.model] = each.admitted();
  }
  return { arrivals, coreNs };
}

/** @returns core-nanoseconds used within the run */
function handleAll(
  { scenario, streams, durationNs }: ComponentSetup,
  server: number,
  comers: Comers[],
): number {
  const { name, options } = scenario.servers[server]!;
  const random = streams.get(`front end ${name}`);
  const requests = comers.reduce((sum, { reachedNs }) => sum + reachedNs.length, 0);
  const threads = new HandlerThreads(Math.min(options.frontEndThreads, requests));
  const next = new NextComer(comers);
  let coreNs = 0;
  for (let from = next.take(); from !== undefined; from = next.take()) {
    const place = from.next++;
    const reachedNs = from.reachedNs[place]!;
    const meanNs = from.meanNs?.[place] ?? from.everyNs;
    if (meanNs === 0) continue;
    const workNs = from.sample === undefined ? meanNs : Math.round(meanNs * from.sample(random));
    const startNs = threads.take(reachedNs, workNs);
    from.leftNs[place] = startNs + workNs;
    if (startNs < durationNs) coreNs += Math.min(workNs, durationNs - startNs);
  }
  return coreNs;
}

/** Handler threads of a server: each request is taken by the one that is free first. */
class HandlerThreads {
  readonly #count: number;
  readonly #free: ActorQueue;
  #used = 0;

  constructor(count: number) {
    this.#count = count;
    this.#free = new ActorQueue(count);
  }

  /** A request comes, after all that were taken before it. @returns when a thread begins with it */
  take(reachedNs: number, workNs: number): number {
    const free = this.#free;
    free.find();
    if (free.firstNs > reachedNs && this.#used < this.#count) {
      free.update(this.#used++, reachedNs + workNs);
      return reachedNs;
    }
    const startNs = Math.max(reachedNs, free.firstNs);
    free.update(free.first, startNs + workNs);
    return startNs;
  }
}

/** The requests for one model, in the order in which they reach the server. */
class Comers {
  readonly model: number;
  readonly arrivals: KnownArrivals;
  readonly reachedNs: Float64Array;
  /** When each is done with the front end: at once where that takes no time. */
  readonly leftNs: Float64Array;
  /** Mean nanoseconds in a thread of each; undefined: `everyNs`. 0: the front end takes it in without a thread. */
  readonly meanNs: Float64Array | undefined = undefined;
  readonly everyNs: number = 0;
  readonly sample: ReturnType<typeof frontEndSampler>;
  next = 0;
  readonly #delayNs: number;

  constructor(setup: ComponentSetup, model: number, arrivals: KnownArrivals) {
    const profile = setup.entryProfile(model);
    this.model = model;
    this.arrivals = arrivals;
    this.reachedNs = arrivals.queuedNs;
    this.leftNs = arrivals.queuedNs.slice();
    this.#delayNs = setup.networkDelay(model).requestDelayUs * 1000;
    const means = meansOf(setup, model, arrivals);
    if (typeof means === 'number') this.everyNs = means;
    else this.meanNs = means;
    this.sample = frontEndSampler(profile);
  }

  /** Whether its next request is before the other's, of two that reach the server at the same time. */
  isBefore(other: Comers): boolean {
    const [sentNs, otherNs] = [this.#sentNs, other.#sentNs];
    const isDelayed = this.reachedNs[this.next]! > sentNs;
    // One without a network delay is there before any that was on its way.
    if (isDelayed !== other.reachedNs[other.next]! > otherNs) return !isDelayed;
    return sentNs < otherNs || (sentNs === otherNs && this.#tenant < other.#tenant);
  }

  /** As they come into the model's queue. */
  admitted(): KnownArrivals {
    const { arrivals, leftNs } = this;
    const passed = { ...arrivals, queuedNs: leftNs, reachedNs: arrivals.queuedNs };
    const order = admissionOrder(leftNs, (place) => (this.meanNs?.[place] ?? this.everyNs) > 0);
    return order === undefined ? passed : permuted(passed, order);
  }

  get #sentNs(): number {
    return this.arrivals.sentNs?.[this.next] ?? this.reachedNs[this.next]! - this.#delayNs;
  }

  get #tenant(): number {
    return this.arrivals.tenantOf?.[this.next] ?? this.arrivals.onlyTenant;
  }
}

/** Mean time in a thread of each request, where they differ in their bytes, or of every one. */
function meansOf(setup: ComponentSetup, model: number, arrivals: KnownArrivals): Float64Array | number {
  const profile = setup.entryProfile(model);
  const { queuedNs, sizes, tenantOf, onlyTenant } = arrivals;
  if (profile.frontEnd.perKilobyteUs === 0) return frontEndNs(profile, 0);
  const { tenants } = setup;
  // What a trace says of a request does not travel where its tensors are in shared memory.
  const bytesOf = tenants.map(({ load, sharedMemory }) =>
    load.mode === 'open' && sharedMemory === undefined ? load.trace.payloadBytes : undefined,
  );
  if (tenantOf === undefined && sizes === undefined && bytesOf[onlyTenant] === undefined)
    return frontEndNs(profile, tenants[onlyTenant]!.requestBytes);
  const meanNs = new Float64Array(queuedNs.length);
  const row = new Uint32Array(tenants.length);
  for (let place = 0; place < meanNs.length; place++) {
    const t = tenantOf?.[place] ?? onlyTenant;
    // A tenant's requests reach the server in the order of its trace; 0 there is as the tenant says.
    const ownBytes = bytesOf[t]?.[row[t]!++] || undefined;
    meanNs[place] = frontEndNs(profile, ownBytes ?? tenants[t]!.requestBytes * (sizes?.[place] ?? 1));
  }
  return meanNs;
}

/** Goes through the requests of several models in the order in which they reach the server. */
class NextComer {
  readonly #comers: readonly Comers[];
  readonly #queue: ActorQueue;
  #last: number | undefined;

  constructor(comers: readonly Comers[]) {
    this.#comers = comers;
    this.#queue = new ActorQueue(comers.length);
    for (let i = 0; i < comers.length; i++) this.#update(i);
  }

  /** Whose request is next; it must be taken before the next call. */
  take(): Comers | undefined {
    const queue = this.#queue;
    if (this.#last !== undefined) this.#update(this.#last);
    queue.find();
    if (queue.firstNs === Infinity) return undefined;
    this.#last = queue.secondNs === queue.firstNs ? this.#firstOf(queue.firstNs) : queue.first;
    return this.#comers[this.#last]!;
  }

  #update(i: number): void {
    const { reachedNs, next } = this.#comers[i]!;
    this.#queue.update(i, next < reachedNs.length ? reachedNs[next]! : Infinity);
  }

  /** Of several at one instant. */
  #firstOf(atNs: number): number {
    const comers = this.#comers;
    let first = -1;
    for (let i = 0; i < comers.length; i++) {
      const { reachedNs, next } = comers[i]!;
      if (reachedNs[next] === atNs && (first < 0 || comers[i]!.isBefore(comers[first]!))) first = i;
    }
    return first;
  }
}
