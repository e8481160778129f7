import { loadMsOf, memoryMbOf } from '../../scenario/loading.js';
import type { ModelCacheOptions } from '../../scenario/scenario.js';
import { Level } from '../containers/level.js';
import type { LoadCounts } from '../result.js';
import type { Served } from './served.js';
import { Event, type World } from './world.js';

/** A model that requests may ask for. */
interface Cached {
  readonly served: Served;
  readonly memoryMb: number;
  readonly loadNs: number;
  readonly unloadNs: number;
  state: 'absent' | 'queued' | 'loading' | 'loaded' | 'leaving';
  /** Requests that it has, and those that wait until it is loaded. */
  inside: number;
  waiting: { readonly row: number; readonly sinceNs: number }[];
  hits: number;
  misses: number;
  loads: number;
  unloads: number;
  waitedNs: number;
  /** Requests that have waited. */
  waited: number;
  readonly loaded: Level;
}

/**
 * The models of one server that are loaded when a request asks for them, within a limit of memory, as ModelMesh and multi-model
 * endpoints load them. Where memory is short, the model whose last request came longest ago is unloaded: it serves what it has,
 * and gives its memory back then. Models are loaded in the order in which they were first asked for, several at once.
 */
export class ModelCache {
  /** MiB of all that is loaded, being loaded or being unloaded. */
  usedMb = 0;
  readonly #world: World;
  readonly #limitMb: number;
  /** By index of the component's served models; the one whose last request came longest ago is first. */
  readonly #models = new Map<number, Cached>();
  /** Those that wait for memory. */
  readonly #queue: Cached[] = [];

  constructor(world: World, { memoryMb }: ModelCacheOptions) {
    this.#world = world;
    this.#limitMb = memoryMb;
  }

  add(served: Served): void {
    const model = this.#world.setup.served[served.index]!;
    this.#models.set(served.index, {
      served,
      memoryMb: memoryMbOf(model),
      loadNs: Math.round(loadMsOf(model) * 1e6),
      unloadNs: Math.round(Math.max(0, ...model.instances.map(({ profile }) => profile.load.unloadMs)) * 1e6),
      state: 'absent',
      ...{ inside: 0, waiting: [], hits: 0, misses: 0, loads: 0, unloads: 0, waitedNs: 0, waited: 0 },
      loaded: new Level(),
    });
  }

  /** Whether a request that has come can go on to its model; else it is told when the model is loaded. */
  admit(row: number, { index }: Served): boolean {
    const model = this.#models.get(index)!;
    this.#models.delete(index);
    this.#models.set(index, model);
    if (model.state === 'loaded') {
      model.hits++;
      model.inside++;
      return true;
    }
    model.misses++;
    model.waiting.push({ row, sinceNs: this.#world.nowNs });
    if (model.state === 'absent') this.#ask(model);
    return false;
  }

  /** A request of a model has its answer. */
  left({ index }: Served): void {
    const model = this.#models.get(index)!;
    model.inside--;
    if (model.state === 'leaving' && model.inside === 0) this.#unload(model);
  }

  /**
   * A load is over.
   * @returns the requests that waited for it
   */
  loaded(served: Served): number[] {
    const { nowNs } = this.#world;
    const model = this.#models.get(served.index)!;
    this.#set(model, 'loaded');
    served.run.startAnew();
    const rows = model.waiting.map(({ row }) => row);
    for (const { sinceNs } of model.waiting) model.waitedNs += nowNs - sinceNs;
    model.waited += rows.length;
    model.inside = rows.length;
    model.waiting = [];
    this.#makeRoom();
    return rows;
  }

  /** A model is gone. */
  unloaded({ index }: Served): void {
    const model = this.#models.get(index)!;
    this.usedMb -= model.memoryMb;
    this.#set(model, 'absent');
    if (model.waiting.length > 0) this.#ask(model);
    else this.#makeRoom();
  }

  /** Where routers send a request for a model: to the servers that prefer it most. */
  preference({ index }: Served): number {
    const { state, memoryMb, waiting } = this.#models.get(index)!;
    if (state === 'loaded') return 3;
    if (waiting.length > 0) return 2;
    const loadsAtOnce = state === 'absent' && this.#queue.length === 0;
    return loadsAtOnce && this.usedMb + memoryMb <= this.#limitMb ? 1 : 0;
  }

  countsOf(index: number): LoadCounts | undefined {
    const model = this.#models.get(index);
    if (model === undefined) return undefined;
    const { hits, misses, loads, unloads, waitedNs, waited, loaded } = model;
    const { durationNs } = this.#world.setup;
    const meanWaitMs = waited === 0 ? 0 : waitedNs / waited / 1e6;
    return { hits, misses, loads, unloads, meanWaitMs, loadedShare: loaded.mean(durationNs) };
  }

  #ask(model: Cached): void {
    this.#set(model, 'queued');
    this.#queue.push(model);
    this.#makeRoom();
  }

  /** Loads those that wait for memory, as far as it goes, and has others leave for the first that finds none. */
  #makeRoom(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.usedMb + next.memoryMb > this.#limitMb) return this.#evictFor(next);
      this.#queue.shift();
      this.usedMb += next.memoryMb;
      next.loads++;
      this.#set(next, 'loading');
      this.#world.at(this.#world.nowNs + next.loadNs, Event.loaded, next.served.number);
    }
  }

  #evictFor({ memoryMb }: Cached): void {
    const all = [...this.#models.values()];
    const staying = all.filter(({ state }) => state === 'loading' || state === 'loaded');
    let stayingMb = staying.reduce((sum, each) => sum + each.memoryMb, 0);
    for (const model of staying) {
      if (stayingMb + memoryMb <= this.#limitMb) return;
      // Nobody who was asked for later leaves in its place: it leaves when it is loaded and has answered those that wait.
      if (model.state === 'loading') return;
      stayingMb -= model.memoryMb;
      this.#set(model, 'leaving');
      if (model.inside === 0) this.#unload(model);
    }
  }

  /** It has answered all that it had. */
  #unload(model: Cached): void {
    model.unloads++;
    this.#world.at(this.#world.nowNs + model.unloadNs, Event.unloaded, model.served.number);
  }

  #set(model: Cached, state: Cached['state']): void {
    model.state = state;
    model.loaded.set(state === 'loaded' || state === 'leaving' ? 1 : 0, this.#world.nowNs);
  }
}
