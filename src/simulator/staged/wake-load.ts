import { exponential } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { wakeQueue } from '../../profile/wake-waits.js';
import type { HostWakeWaits } from '../../scenario/scenario.js';

/** Over about so long the cores' use is averaged: many requests, and yet bursts of them are seen. */
const TIME_CONSTANT_NS = 100e6;

/** How busy requests keep the cores of a host with short work of many threads, and what threads that wake then wait. */
export class WakeLoad {
  readonly #waits: HostWakeWaits;
  readonly #random: Random;
  readonly #all = new RecentTime();
  /** What executions of an instance took of it. */
  readonly #ofInstances = new Map<number, RecentTime>();

  constructor(waits: HostWakeWaits, random: Random) {
    this.#waits = waits;
    this.#random = random;
  }

  /** Cores are taken for so long from now on; by an execution of `instance`, where one is given. */
  take(coreNs: number, nowNs: number, instance?: number): void {
    this.#all.add(coreNs, nowNs);
    if (instance === undefined) return;
    const own = this.#ofInstances.get(instance) ?? new RecentTime();
    this.#ofInstances.set(instance, own);
    own.add(coreNs, nowNs);
  }

  /**
   * What so many threads wait in all that wake one after the other, whole nanoseconds. Those that wake for an execution of
   * `instance` meet none of its others, which come before and after: who arrives finds a closed network as it would be without him
   * (the arrival theorem, M. Reiser and S. Lavenberg, J. ACM 27, 1980).
   */
  waitNs(wakes: number, nowNs: number, instance?: number): number {
    const { burstUs, cores } = this.#waits;
    const ownNs = instance === undefined ? 0 : (this.#ofInstances.get(instance)?.at(nowNs) ?? 0);
    const takenNs = Math.max(0, this.#all.at(nowNs) - ownNs);
    const { probability, meanUs } = wakeQueue(burstUs, cores, takenNs / (TIME_CONSTANT_NS * cores));
    let us = 0;
    for (let i = 0; i < wakes; i++)
      if (this.#random.next() < probability) us += exponential(this.#random, meanUs);
    return Math.round(us * 1000);
  }
}

/** Core time taken, each nanosecond of it the less the longer ago it was. */
class RecentTime {
  #takenNs = 0;
  #atNs = 0;

  add(coreNs: number, nowNs: number): void {
    this.#takenNs = this.at(nowNs) + coreNs;
    this.#atNs = nowNs;
  }

  at(nowNs: number): number {
    return this.#takenNs * Math.exp((this.#atNs - nowNs) / TIME_CONSTANT_NS);
  }
}
