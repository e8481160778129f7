import { remembered } from '../../base/remembered.js';
import { joinedModels } from '../../scenario/composition.js';
import { loadMsOf, memoryMbOf } from '../../scenario/loading.js';
import type { ModelCacheOptions, ServedModel } from '../../scenario/scenario.js';
import { Level } from '../containers/level.js';
import type { LoadCounts } from '../result.js';
import type { Served } from './served.js';
import { Event, type World } from './world.js';

/** Models that are loaded and unloaded together: one, or several that are joined by calls. */
interface Unit {
  /** Of its models, as the server has loaded them. */
  readonly members: Map<number, Member>;
  memoryMb: number;
  loadNs: number;
  unloadNs: number;
  state: 'absent' | 'queued' | 'loading' | 'loaded' | 'leaving';
  /** Requests that its models have, calls among them, and those of clients that wait until it is loaded. */
  inside: number;
  waiting: { readonly row: number; readonly of: Member; readonly sinceNs: number }[];
  loads: number;
  unloads: number;
  readonly loaded: Level;
}

/** A model, and what requests of clients found of it. */
interface Member {
  readonly served: Served;
  hits: number;
  misses: number;
  waitedNs: number;
  /** Requests that have waited. */
  waited: number;
}

/**
 * The models of one server that are loaded when a request asks for them, within a limit of memory, as ModelMesh and multi-model
 * endpoints load them. Where memory is short, the model whose last request came longest ago is unloaded: it serves what it has,
 * and gives its memory back then. Models are loaded in the order in which they were first asked for, as many at once as there are
 * threads for it (Triton: `--model-load-thread-count`; so seen on a real 24.10). A model that calls others is one with them: Triton
 * loads an ensemble with its models, and multi-model endpoints load one folder of models.
 */
export class ModelCache {
  /** MiB of all that is loaded, being loaded or being unloaded. */
  usedMb = 0;
  readonly #world: World;
  readonly #limitMb: number;
  #freeThreads: number;
  /** Of each model by its place on the server. */
  readonly #units: readonly Unit[];
  /** By index of the component's served models. */
  readonly #unitOf = new Map<number, Unit>();
  /** The one whose last request came longest ago is first. */
  readonly #byUse = new Set<Unit>();
  /** Those that wait for a thread, or for memory. */
  readonly #queue: Unit[] = [];

  /** @param models all of the server */
  constructor(world: World, { memoryMb, loadThreads }: ModelCacheOptions, models: readonly ServedModel[]) {
    this.#world = world;
    this.#limitMb = memoryMb;
    this.#freeThreads = loadThreads;
    const units = new Map<readonly number[], Unit>();
    this.#units = joinedModels(models).map((joined) => remembered(units, joined, emptyUnit));
  }

  /** @param place of the model on the server */
  add(served: Served, place: number): void {
    const model = this.#world.setup.served[served.index]!;
    const unit = this.#units[place]!;
    unit.members.set(served.index, { served, hits: 0, misses: 0, waitedNs: 0, waited: 0 });
    unit.memoryMb += memoryMbOf(model);
    unit.loadNs = Math.max(unit.loadNs, Math.round(loadMsOf(model) * 1e6));
    for (const { profile } of model.instances)
      unit.unloadNs = Math.max(unit.unloadNs, Math.round(profile.load.unloadMs * 1e6));
    this.#unitOf.set(served.index, unit);
    this.#byUse.add(unit);
  }

  /** Whether a client's request that has come can go on to its model; else it is told when the model is loaded. */
  admit(row: number, { index }: Served): boolean {
    const unit = this.#unitOf.get(index)!;
    const member = unit.members.get(index)!;
    this.#byUse.delete(unit);
    this.#byUse.add(unit);
    if (unit.state === 'loaded') {
      member.hits++;
      unit.inside++;
      return true;
    }
    member.misses++;
    unit.waiting.push({ row, of: member, sinceNs: this.#world.nowNs });
    if (unit.state === 'absent') this.#ask(unit);
    return false;
  }

  /** A model is called by another, which is loaded with it. */
  called({ index }: Served): void {
    this.#unitOf.get(index)!.inside++;
  }

  /** A request of a model has its answer. */
  left({ index }: Served): void {
    const unit = this.#unitOf.get(index)!;
    unit.inside--;
    if (unit.state === 'leaving' && unit.inside === 0) this.#unload(unit);
  }

  /**
   * A load is over.
   * @returns the requests that waited for it
   */
  loaded({ index }: Served): number[] {
    const { nowNs } = this.#world;
    const unit = this.#unitOf.get(index)!;
    this.#set(unit, 'loaded');
    this.#freeThreads++;
    for (const { served } of unit.members.values()) served.run.startAnew();
    const { waiting } = unit;
    for (const { of, sinceNs } of waiting) {
      of.waitedNs += nowNs - sinceNs;
      of.waited++;
    }
    unit.inside = waiting.length;
    unit.waiting = [];
    this.#makeRoom();
    return waiting.map(({ row }) => row);
  }

  /** A model is gone. */
  unloaded({ index }: Served): void {
    const unit = this.#unitOf.get(index)!;
    this.usedMb -= unit.memoryMb;
    this.#set(unit, 'absent');
    if (unit.waiting.length > 0) this.#ask(unit);
    else this.#makeRoom();
  }

  /** Where routers send a request for a model: to the servers that prefer it most. */
  preference({ index }: Served): number {
    const { state, memoryMb, waiting } = this.#unitOf.get(index)!;
    if (state === 'loaded') return 3;
    if (waiting.length > 0) return 2;
    const loadsAtOnce = state === 'absent' && this.#queue.length === 0 && this.#freeThreads > 0;
    return loadsAtOnce && this.usedMb + memoryMb <= this.#limitMb ? 1 : 0;
  }

  countsOf(index: number): LoadCounts | undefined {
    const unit = this.#unitOf.get(index);
    if (unit === undefined) return undefined;
    const { hits, misses, waitedNs, waited } = unit.members.get(index)!;
    const { loads, unloads, loaded } = unit;
    const { durationNs } = this.#world.setup;
    const meanWaitMs = waited === 0 ? 0 : waitedNs / waited / 1e6;
    return { hits, misses, loads, unloads, meanWaitMs, loadedShare: loaded.mean(durationNs) };
  }

  #ask(unit: Unit): void {
    this.#set(unit, 'queued');
    this.#queue.push(unit);
    this.#makeRoom();
  }

  /** Loads those that wait, as far as threads and memory go, and has others leave for the first that finds no memory. */
  #makeRoom(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#freeThreads === 0) return;
      if (this.usedMb + next.memoryMb > this.#limitMb) return this.#evictFor(next);
      this.#queue.shift();
      this.#freeThreads--;
      this.usedMb += next.memoryMb;
      next.loads++;
      this.#set(next, 'loading');
      this.#world.at(this.#world.nowNs + next.loadNs, Event.loaded, firstOf(next).number);
    }
  }

  #evictFor({ memoryMb }: Unit): void {
    const staying = [...this.#byUse].filter(({ state }) => state === 'loading' || state === 'loaded');
    let stayingMb = staying.reduce((sum, each) => sum + each.memoryMb, 0);
    for (const unit of staying) {
      if (stayingMb + memoryMb <= this.#limitMb) return;
      // Nobody who was asked for later leaves in its place: it leaves when it is loaded and has answered those that wait.
      if (unit.state === 'loading') return;
      stayingMb -= unit.memoryMb;
      this.#set(unit, 'leaving');
      if (unit.inside === 0) this.#unload(unit);
    }
  }

  /** It has answered all that it had. */
  #unload(unit: Unit): void {
    unit.unloads++;
    this.#world.at(this.#world.nowNs + unit.unloadNs, Event.unloaded, firstOf(unit).number);
  }

  #set(unit: Unit, state: Unit['state']): void {
    unit.state = state;
    unit.loaded.set(state === 'loaded' || state === 'leaving' ? 1 : 0, this.#world.nowNs);
  }
}

function emptyUnit(): Unit {
  return {
    members: new Map(),
    ...{ memoryMb: 0, loadNs: 0, unloadNs: 0, state: 'absent', inside: 0, waiting: [], loads: 0, unloads: 0 },
    loaded: new Level(),
  };
}

/** By which the world knows a unit. */
function firstOf({ members }: Unit): Served {
  const [first] = members.values();
  return first!.served;
}
