import { remembered } from '../../../base/remembered.js';
import { type EnsembleStep, givesSeveral } from '../../../scenario/composition.js';
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
  /** A request is handed on to a step. */
  call(run: EnsembleRun, step: number, afterNs: number): void;
  /** A step is not called: another has failed while its thread waited. */
  skip(run: EnsembleRun): void;
}

/** Threads that hand requests of ensembles on to their steps: which ones they are, and how long they are busy. */
export class HandOvers {
  readonly #world: World;
  readonly #listener: HandOverListener;
  readonly #pools: CallbackPool[] = [];
  readonly #poolOf = new Map<Host, CallbackPool>();
  /** Those that have waited, by number. */
  readonly #waited: { readonly limit: StepLimit; readonly handOver: HandOver }[] = [];
  #lastBlocked: HandOver | undefined;

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
      isDecoupled: ({ model }) => givesSeveral(models, model),
      limitOf: isShared ? (step) => remembered(limits, step, () => new StepLimit(maxInFlight)) : undefined,
      poolOf: ({ model }) => (hasPool && !keepsOrder(models[model]!.config) ? this.#pool(host) : undefined),
    };
  }

  /** A thread hands a request on to steps. @returns how long that takes, nanoseconds; Infinity: it waits for a place, see {@link whenFree} */
  begin(run: EnsembleRun, steps: readonly number[]): number {
    if (run.limits !== undefined)
      return this.#handOn({ run, steps, next: 0, readyNs: this.#world.nowNs, goOn: nobody }, false);
    let busyNs = 0;
    for (const step of steps) {
      if (run.failure !== undefined) {
        this.#listener.skip(run);
        continue;
      }
      busyNs += run.plan.stepNs;
      this.#listener.call(run, step, busyNs);
    }
    return busyNs;
  }

  /** @param goOn hears when the thread that was just told to wait is done: how long it is busy from then on */
  whenFree(goOn: (ns: number) => void): void {
    this.#lastBlocked!.goOn = goOn;
  }

  /** A call has ended, and another may have its place. */
  placeIsFree(limit: StepLimit): void {
    const next = limit.ended();
    if (next !== undefined) this.#resume(next);
  }

  /** A thread has waited for as long as one does. */
  waitIsOver(number: number): void {
    const { limit, handOver } = this.#waited[number]!;
    if (limit.expires(handOver)) this.#resume(handOver);
  }

  /** A thread of a pool is done. */
  threadIsFree(pool: number): void {
    this.#pools[pool]!.free();
  }

  /** @param hasPlace for the next step */
  #handOn(handOver: HandOver, hasPlace: boolean): number {
    const { run, steps } = handOver;
    const { nowNs } = this.#world;
    let busyNs = Math.max(0, handOver.readyNs - nowNs);
    for (let isPlaced = hasPlace; handOver.next < steps.length; isPlaced = false) {
      const step = steps[handOver.next]!;
      const limit = run.limits![step]!;
      if (!isPlaced && run.failure !== undefined) this.#listener.skip(run);
      else {
        if (!isPlaced && !limit.takes(handOver)) {
          handOver.readyNs = nowNs + busyNs;
          return this.#block(handOver, limit);
        }
        busyNs += run.plan.stepNs;
        this.#listener.call(run, step, busyNs);
      }
      handOver.next++;
    }
    return busyNs;
  }

  #block(handOver: HandOver, limit: StepLimit): number {
    this.#lastBlocked = handOver;
    const number = this.#waited.push({ limit, handOver }) - 1;
    this.#world.at(this.#world.nowNs + LONGEST_WAIT_NS, Event.waitOver, number);
    return Infinity;
  }

  #resume(handOver: HandOver): void {
    const ns = this.#handOn(handOver, true);
    if (ns !== Infinity) handOver.goOn(ns);
  }

  #pool(host: Host): CallbackPool {
    return remembered(this.#poolOf, host, () => {
      const number = this.#pools.length;
      const pool = new CallbackPool((ns) => {
        if (ns === Infinity) this.whenFree((restNs) => this.#freeAfter(restNs, number));
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
function nobody(): void {}

/** Answers of such models must not overtake each other, and stay on the thread that brings them (ensemble_scheduler.cc, `preserve_responses_order`). */
function keepsOrder({ sequences, dynamicBatching, instanceGroups, decoupled }: ModelConfig): boolean {
  const instances = instanceGroups.reduce((sum, { count }) => sum + count, 0);
  if (sequences !== undefined || decoupled === true) return true;
  return dynamicBatching === undefined ? instances <= 1 : dynamicBatching.preserveOrdering;
}
