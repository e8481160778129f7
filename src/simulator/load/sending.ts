import { exponential } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { type SpreadSampler, spreadSampler } from '../../effects/service-time-variability/sampler.js';
import type { ClientThreads, Load } from '../../scenario/scenario.js';
import { EventQueue } from '../containers/event-queue.js';

// When clients send, decided once: the simulator and the load generator of live runs ask the same machines. Times are nanoseconds.

/** Planned times, and what caps them. */
export interface Plan {
  /** Ascending, microseconds. */
  readonly arrivalUs: ArrayLike<number>;
  /** How many of them lie in the run. */
  readonly count: number;
  /** Infinity in an open loop. */
  readonly maxInFlight: number;
  readonly pacing: 'schedule' | 'gap';
}

/** Sends planned requests in their order, but never more than `maxInFlight` at once. */
export class PlannedSending {
  /** The request that leaves next, in the order of the plan. */
  next = 0;
  readonly #plan: Plan;
  #inFlight = 0;
  /** When a place last became free after all had been taken. */
  #freedNs = 0;
  #lastSentNs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get isFull(): boolean {
    return this.#inFlight >= this.#plan.maxInFlight;
  }

  /** When the next request wants to leave: as planned, or its gap after the last one sent; Infinity when none is left. */
  get wantedNs(): number {
    const { arrivalUs, count, pacing } = this.#plan;
    const { next } = this;
    if (next >= count) return Number.POSITIVE_INFINITY;
    if (pacing === 'schedule' || next === 0) return arrivalUs[next]! * 1000;
    return this.#lastSentNs + (arrivalUs[next]! - arrivalUs[next - 1]!) * 1000;
  }

  /** When it leaves; Infinity when only an answer can make room for it. */
  get dueNs(): number {
    return this.isFull ? Number.POSITIVE_INFINITY : Math.max(this.wantedNs, this.#freedNs);
  }

  /** A request leaves. @returns its place in the plan */
  send(nowNs: number): number {
    this.#inFlight++;
    this.#lastSentNs = nowNs;
    return this.next++;
  }

  answered(nowNs: number): void {
    if (this.isFull) this.#freedNs = nowNs;
    this.#inFlight--;
  }
}

/** `concurrency` closed-loop clients, each of which sends again a think time after its answer. */
export class ClosedLoop {
  readonly #load: ClosedLoad;
  readonly #random: Random;
  readonly #threads: AnswerThreads | undefined;
  /** When each client that waits for no answer sends next. */
  readonly #due = new EventQueue();
  #left: number;

  constructor(load: ClosedLoad, random: Random) {
    this.#load = load;
    this.#random = random;
    this.#left = load.maxRequests;
    this.#threads = load.client && new AnswerThreads(load.client, random);
    for (let client = 0; client < load.concurrency; client++) this.wait(this.#thinkNs(0));
  }

  /** Whether requests are left to send. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** When one sends next without another answer; Infinity when only an answer can move it. */
  get dueNs(): number {
    return this.isOver ? Number.POSITIVE_INFINITY : this.#due.nextNs;
  }

  /** A client sends that was to wait until now. */
  sendDue(): void {
    this.#due.pop();
    this.sendNow();
  }

  /** A client sends that did not have to wait. */
  sendNow(): void {
    this.#left--;
  }

  /** When a thread takes an answer that comes now; to be asked in the order in which they come. */
  takenNs(nowNs: number): number {
    return this.#threads?.takenNs(nowNs) ?? nowNs;
  }

  /** When the client whose answer is taken now sends again, no sooner than `backOffNs` later. */
  returnNs(nowNs: number, backOffNs: number): number {
    const sendNs = this.#threads?.ownSendNs() ?? 0;
    return Math.max(this.#thinkNs(nowNs), nowNs + backOffNs) + sendNs;
  }

  /** A client is to send then. */
  wait(dueNs: number): void {
    this.#due.push(dueNs, 0, 0);
  }

  #thinkNs(nowNs: number): number {
    const { law, meanUs } = this.#load.thinkTime;
    if (meanUs === 0) return nowNs;
    const us = law === 'constant' ? meanUs : exponential(this.#random, meanUs);
    return nowNs + Math.round(us * 1000);
  }
}

type ClosedLoad = Pick<Load & { mode: 'closed' }, 'concurrency' | 'thinkTime' | 'maxRequests' | 'client'>;

/** What answers and next requests keep the threads of a client busy for. */
class AnswerThreads {
  readonly #meanNs: number;
  readonly #sample: SpreadSampler;
  readonly #random: Random;
  /** When each thread that all share is free, least first; none where each closed-loop client has its own. */
  readonly #freeNs: number[];

  constructor({ threads, sendUs, sendCv }: ClientThreads, random: Random) {
    this.#meanNs = sendUs * 1000;
    this.#sample = spreadSampler({ law: 'gamma', cv: sendCv });
    this.#random = random;
    this.#freeNs = threads.kind === 'own' ? [] : Array.from({ length: threads.count }, () => 0);
  }

  /** The first thread that is free takes it, and is busy from then on. */
  takenNs(nowNs: number): number {
    const freeNs = this.#freeNs;
    if (freeNs.length === 0) return nowNs;
    const takenNs = Math.max(nowNs, freeNs[0]!);
    const untilNs = takenNs + this.#drawNs();
    let place = 0;
    for (; place + 1 < freeNs.length && freeNs[place + 1]! < untilNs; place++)
      freeNs[place] = freeNs[place + 1]!;
    freeNs[place] = untilNs;
    return takenNs;
  }

  /** From an answer until a thread of its own has sent the next request. */
  ownSendNs(): number {
    return this.#freeNs.length === 0 ? this.#drawNs() : 0;
  }

  #drawNs(): number {
    return Math.round(this.#meanNs * this.#sample(this.#random));
  }
}
