import { remembered } from '../../../base/remembered.js';
import { type EnsembleStep, runsSeveral } from '../../../scenario/composition.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { isSince } from '../../../scenario/release.js';
import { handOverNs, hasCallbackPool, isBatched } from '../../service/hand-over.js';
import type { Host } from '../host.js';
import type { Served } from '../served.js';
import { Event, type World } from '../world.js';
import { CallbackPool } from './callback-pool.js';
import type { EnsembleRun, PlanOptions } from './ensembles.js';
import { type HandOver, LIMITS_SHARED_SINCE, LONGEST_WAIT_NS, StepLimit } from './step-limits.js';

/** Whom threads hand requests on to. */
export interface HandOverListener {
  /** A request is handed on to a step. @returns Infinity: it is an ensemble, whose own steps keep the thread, see `whenFree` */
  call(run: EnsembleRun, step: number): number;
  /** A step is not called: another has failed while its thread waited. */
  skip(run: EnsembleRun): void;
}

/** A thread that is busy. */
export interface Kept {
  /** Hears when it is free. */
  goOn: () => void;
}

/** Threads that hand requests of ensembles on to their steps: which ones they are, and how long they are busy. */
export class HandOvers {
  readonly #world: World;
  readonly #listener: HandOverListener;
  readonly #pools: CallbackPool[] = [];
  readonly #poolOf = new Map<Host, CallbackPool>();
  /** Those that have waited, by number. */
  readonly #waited: { readonly limit: StepLimit; readonly handOver: HandOver }[] = [];
  /** Whose threads are about to call a step. */
  readonly #coming: (HandOver | (() => void))[] = [];
  readonly #freeComing: number[] = [];
  #lastBlocked: Kept | undefined;

  constructor(world: World, listener: HandOverListener) {
    this.#world = world;
    this.#listener = listener;
  }

  /** How the steps of an ensemble are called there. */
  optionsOf({ host, model: { ensemble } }: Served): Omit<PlanOptions, 'outputs'> {
    const { options, models } = host.server;
    const { maxInFlight } = ensemble!;
    const isShared = maxInFlight !== undefined && isSince(options.tritonVersion, LIMITS_SHARED_SINCE);
    const limits = new Map<EnsembleStep, StepLimit>();
    const hasPool = hasCallbackPool(host.server);
    return {
      stepNs: handOverNs(host.server),
      isBatched: ({ model }) => isBatched(models[model]!),
      isDecoupled: (step) => runsSeveral(models, step),
      limitOf: isShared ? (step) => remembered(limits, step, () => new StepLimit(maxInFlight)) : undefined,
      poolOf: ({ model }) => (hasPool && !keepsOrder(models[model]!.config) ? this.#pool(host) : undefined),
    };
  }

  /** A thread hands a request on to steps, one after the other. @returns 0 where that takes no time; Infinity: see {@link whenFree} */
  begin(run: EnsembleRun, steps: readonly number[]): number {
    return this.#handOn({ run, steps, next: 0, goOn: nobody }, false);
  }

  /** @param goOn hears when the thread that is busy with the last hand-over is done */
  whenFree(goOn: () => void): void {
    this.#lastBlocked!.goOn = goOn;
  }

  /** A thread is busy for a reason of its own: {@link whenFree} is about it. */
  keep(thread: Kept): void {
    this.#lastBlocked = thread;
  }

  freeAfter(ns: number, goOn: () => void): void {
    this.#comeAfter(ns, goOn);
  }

  /** A call has ended, and another may have its place. The thread that waits has to wake up: the one that ends the call goes on first. */
  placeIsFree(limit: StepLimit): void {
    const next = limit.ended();
    if (next !== undefined) this.#comeAfter(0, () => this.#resume(next, true));
  }

  /** A thread has waited for as long as one does. */
  waitIsOver(number: number): void {
    const { limit, handOver } = this.#waited[number]!;
    if (limit.expires(handOver)) this.#resume(handOver, true);
  }

  /** A thread of a pool is done. */
  threadIsFree(pool: number): void {
    this.#pools[pool]!.free();
  }

  /** A thread has come to a step that it was about to call. */
  handedOn(at: number): void {
    const handOver = this.#coming[at]!;
    this.#freeComing.push(at);
    if (typeof handOver === 'function') return handOver();
    const { run, steps, next } = handOver;
    if (run.failure === undefined) {
      if (this.#calls(handOver) === Infinity) return;
    } else {
      handOver.next++;
      if (run.limits !== undefined) this.placeIsFree(run.limits[steps[next]!]!);
      this.#listener.skip(run);
    }
    this.#resume(handOver, false);
  }

  /** @param hasPlace for the next step */
  #handOn(handOver: HandOver, hasPlace: boolean): number {
    const { run, steps } = handOver;
    for (let isPlaced = hasPlace; handOver.next < steps.length; isPlaced = false) {
      const limit = run.limits?.[steps[handOver.next]!];
      if (!isPlaced && run.failure !== undefined) {
        handOver.next++;
        this.#listener.skip(run);
      } else if (!isPlaced && limit?.takes(handOver) === false) return this.#block(handOver, limit);
      else if (run.plan.stepNs > 0) return this.#come(handOver);
      else if (this.#calls(handOver) === Infinity) return Infinity;
    }
    return 0;
  }

  /** Calls the next step. @returns Infinity: it is an ensemble, whose own steps keep the thread */
  #calls(handOver: HandOver): number {
    const { run, steps } = handOver;
    const ns = this.#listener.call(run, steps[handOver.next++]!);
    if (ns !== Infinity) return ns;
    this.whenFree(() => this.#resume(handOver, false));
    this.#lastBlocked = handOver;
    return Infinity;
  }

  /** A thread is about to call the next step. */
  #come(handOver: HandOver): number {
    this.#lastBlocked = handOver;
    this.#comeAfter(handOver.run.plan.stepNs, handOver);
    return Infinity;
  }

  #comeAfter(ns: number, what: HandOver | (() => void)): void {
    const at = this.#freeComing.pop() ?? this.#coming.length;
    this.#coming[at] = what;
    this.#world.at(this.#world.nowNs + ns, Event.handedOn, at);
  }

  #block(handOver: HandOver, limit: StepLimit): number {
    this.#lastBlocked = handOver;
    const number = this.#waited.push({ limit, handOver }) - 1;
    this.#world.at(this.#world.nowNs + LONGEST_WAIT_NS, Event.waitOver, number);
    return Infinity;
  }

  #resume(handOver: HandOver, hasPlace: boolean): void {
    if (this.#handOn(handOver, hasPlace) !== Infinity) handOver.goOn();
  }

  #pool(host: Host): CallbackPool {
    return remembered(this.#poolOf, host, () => {
      const number = this.#pools.length;
      const pool = new CallbackPool((ns) => {
        if (ns === Infinity) this.whenFree(() => pool.free());
        else this.#freeAfter(ns, number);
      });
      this.#pools.push(pool);
      return pool;
    });
  }

  #freeAfter(ns: number, pool: number): void {
    this.#world.at(this.#world.nowNs + ns, Event.threadFree, pool);
  }
}

/** Nobody waits for the thread, or not yet. */
export function nobody(): void {}

/** Answers of such models must not overtake each other, and stay on the thread that brings them (ensemble_scheduler.cc, `preserve_responses_order`). */
function keepsOrder({ sequences, dynamicBatching, instanceGroups, decoupled }: ModelConfig): boolean {
  const instances = instanceGroups.reduce((sum, { count }) => sum + count, 0);
  if (sequences !== undefined || decoupled === true) return true;
  return dynamicBatching === undefined ? instances <= 1 : dynamicBatching.preserveOrdering;
}
