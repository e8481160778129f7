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
  /** Core time taken, each nanosecond of it the less the longer ago it was. */
  #takenNs = 0;
  #atNs = 0;

  constructor(waits: HostWakeWaits, random: Random) {
    this.#waits = waits;
    this.#random = random;
  }

  /** Cores are taken for so long from now on. */
  take(coreNs: number, nowNs: number): void {
    this.#forget(nowNs);
    this.#takenNs += coreNs;
  }

  /** What so many threads wait in all that wake one after the other, whole nanoseconds. */
  waitNs(wakes: number, nowNs: number): number {
    this.#forget(nowNs);
    const { burstUs, cores } = this.#waits;
    const { probability, meanUs } = wakeQueue(burstUs, cores, this.#takenNs / (TIME_CONSTANT_NS * cores));
    let us = 0;
    for (let i = 0; i < wakes; i++)
      if (this.#random.next() < probability) us += exponential(this.#random, meanUs);
    return Math.round(us * 1000);
  }

  #forget(nowNs: number): void {
    this.#takenNs *= Math.exp((this.#atNs - nowNs) / TIME_CONSTANT_NS);
    this.#atNs = nowNs;
  }
}
