import { exponential } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import type { PlannedLoad } from './plan.js';

/** A request that leaves now. */
export interface Departure {
  /** When the schedule wanted it: latency counts from here. */
  readonly plannedUs: number;
  /** When nothing but the generator kept it: later than planned where a cap held it back. */
  readonly dueUs: number;
  readonly variant: number;
}

/**
 * The sending side of one tenant as a state machine over the time it is told: it holds no timer and sends
 * nothing itself. The rules are the simulator's, so that both mean the same by a load.
 */
export interface Sender {
  /** When it sends next without hearing of another answer; Infinity when only an answer can move it. */
  readonly dueUs: number;
  /** At `dueUs` or later: the request that leaves at `nowUs`. */
  take(nowUs: number): Departure;
  /** An answer has come; a client that was refused waits at least `backOffUs` before it tries again. */
  answered(nowUs: number, backOffUs: number): void;
  /** Planned requests that have not left. */
  unsent(): Departure[];
}

/** The sender of a tenant, by how it sends. */
export function createSender(load: PlannedLoad, random: Random): Sender {
  return load.mode === 'closed' ? new ClosedSender(load, random) : new TraceSender(load);
}

/** Sends a trace's requests as planned, but never more than `maxInFlight` at once. */
class TraceSender implements Sender {
  readonly #load: PlannedLoad & { mode: 'trace' };
  #next = 0;
  #inFlight = 0;
  /** When a place last became free after all had been taken. */
  #freedUs = 0;
  #lastSentUs = 0;

  constructor(load: PlannedLoad & { mode: 'trace' }) {
    this.#load = load;
  }

  get dueUs(): number {
    if (this.#next >= this.#load.arrivalUs.length || this.#inFlight >= this.#load.maxInFlight)
      return Infinity;
    return Math.max(this.#wantedUs(), this.#freedUs);
  }

  take(nowUs: number): Departure {
    const departure = { ...this.#planned(this.#next), dueUs: this.dueUs };
    this.#next++;
    this.#inFlight++;
    this.#lastSentUs = nowUs;
    return departure;
  }

  answered(nowUs: number): void {
    if (this.#inFlight >= this.#load.maxInFlight) this.#freedUs = nowUs;
    this.#inFlight--;
  }

  unsent(): Departure[] {
    const { length } = this.#load.arrivalUs;
    return Array.from({ length: length - this.#next }, (_, i) => this.#planned(this.#next + i));
  }

  #planned(index: number): Departure {
    const plannedUs = this.#load.arrivalUs[index]!;
    return { plannedUs, dueUs: plannedUs, variant: this.#load.variant[index]! };
  }

  /** When the next request wants to leave: as planned, or its gap after the last one sent. */
  #wantedUs(): number {
    const { arrivalUs, pacing } = this.#load;
    const plannedUs = arrivalUs[this.#next]!;
    if (pacing === 'schedule' || this.#next === 0) return plannedUs;
    return this.#lastSentUs + plannedUs - arrivalUs[this.#next - 1]!;
  }
}

/** `concurrency` clients, each of which sends again a think time after its answer. */
class ClosedSender implements Sender {
  readonly #load: PlannedLoad & { mode: 'closed' };
  readonly #random: Random;
  /** When each client that waits for no answer sends next, ascending. */
  readonly #due: number[];
  #left: number;

  constructor(load: PlannedLoad & { mode: 'closed' }, random: Random) {
    this.#load = load;
    this.#random = random;
    this.#left = load.maxRequests;
    this.#due = Array.from({ length: load.concurrency }, () => this.#thinkUs()).sort((a, b) => a - b);
  }

  get dueUs(): number {
    return this.#left > 0 ? (this.#due[0] ?? Infinity) : Infinity;
  }

  take(): Departure {
    const dueUs = this.#due.shift()!;
    this.#left--;
    return { plannedUs: dueUs, dueUs, variant: 0 };
  }

  answered(nowUs: number, backOffUs: number): void {
    if (this.#left <= 0) return;
    const dueUs = nowUs + Math.max(this.#thinkUs(), backOffUs);
    let index = this.#due.length;
    while (index > 0 && this.#due[index - 1]! > dueUs) index--;
    this.#due.splice(index, 0, dueUs);
  }

  unsent(): Departure[] {
    return [];
  }

  #thinkUs(): number {
    const { law, meanUs } = this.#load.thinkTime;
    if (meanUs === 0) return 0;
    return law === 'constant' ? meanUs : Math.round(exponential(this.#random, meanUs) * 1000) / 1000;
  }
}
