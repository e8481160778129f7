import { usesCache } from '../../scenario/composition.js';
import { entryBytes } from './response-cache.js';
import type { Served } from './served.js';
import { Event, type World } from './world.js';

/** Where requests go on from the cache. */
export interface CacheListener {
  /** No answer is kept: into the queue of its model. */
  missed(row: number): void;
  /** The answer is there from that time on. */
  answered(row: number, atNs: number): void;
  /** The look-up is over: the thread that took the request in is free. */
  lookedUp(row: number): void;
}

/** Requests at the response cache of their server: before their queue, and when they have an answer. */
export class Caching {
  readonly #world: World;
  readonly #listener: CacheListener;
  /** The key of the next request that has no equal: each has one of its own, downwards from here. */
  #unlike = -(2 ** 52);

  constructor(world: World, listener: CacheListener) {
    this.#world = world;
    this.#listener = listener;
  }

  /** Whether the cache is asked for answers of this model, and keeps them: nobody knows before which request will have an equal. */
  concerns({ host, model }: Served): boolean {
    return usesCache(host.server, model);
  }

  /** A request that the cache concerns has come: its key is made first. */
  come(row: number): void {
    const { facts, nowNs } = this.#world;
    const { cache } = this.#world.servedOf(row).host;
    const hashNs = cache!.hashNs(facts.requestBytes[row]!);
    if (hashNs > 0) this.#world.at(nowNs + hashNs, Event.hashed, row);
    else this.lookUp(row);
  }

  /** @returns whether its answer is there */
  lookUp(row: number): boolean {
    const { setup, nowNs } = this.#world;
    const served = this.#world.servedOf(row);
    const { host, index } = served;
    const { isHit, atNs } = host.cache!.lookUp(this.#keyOf(row, served), nowNs);
    const use = setup.cacheUses[index]!;
    if (isHit) {
      use.hit(atNs - this.#cameNs(row));
      if (atNs > nowNs) this.#world.at(atNs, Event.cacheHit, row);
      else this.#listener.lookedUp(row);
      this.#listener.answered(row, atNs);
      return true;
    }
    use.missed(atNs - nowNs + host.cache!.hashNs(this.#world.facts.requestBytes[row]!));
    if (atNs > nowNs) this.#world.at(atNs, Event.cacheMiss, row);
    else this.missed(row);
    return false;
  }

  /** No answer was found: the thread puts the request into its queue, and is free. */
  missed(row: number): void {
    this.#listener.missed(row);
    this.#listener.lookedUp(row);
  }

  /**
   * A request that was not answered from the cache has its answer.
   * @param dataBytes of the answer
   * @returns how long its thread is busy with keeping it, nanoseconds
   */
  keep(row: number, dataBytes: number): number {
    const served = this.#world.servedOf(row);
    if (!this.concerns(served)) return 0;
    const { setup, nowNs } = this.#world;
    const bytes = entryBytes(served.model.config.outputs, dataBytes);
    const { isNew, atNs } = served.host.cache!.keep(this.#keyOf(row, served), bytes, nowNs);
    // An ensemble counts every answer that it inserts, also one that is there already (ensemble_scheduler.cc:1060-1099, r24.10).
    const isMiss = isNew || served.model.ensemble !== undefined;
    setup.cacheUses[served.index]!.kept(isMiss, atNs - nowNs, atNs - this.#cameNs(row));
    return atNs - nowNs;
  }

  /** When it came to its model. */
  #cameNs(row: number): number {
    return this.#world.requests.queuedNs[row]!;
  }

  /** Of the content, the model and how many inferences it asks for: Triton hashes each byte (cache_manager.cc:285-348, r24.10). */
  #keyOf(row: number, { index }: Served): number | string {
    const { setup, facts, requests } = this.#world;
    const contentKey = facts.contentKey[row]!;
    if (contentKey === 0) return this.#unlike--;
    const key = contentKey * setup.served.length + index;
    const size = requests.size[row]!;
    return size === 1 ? key : `${key} x ${size}`;
  }
}
