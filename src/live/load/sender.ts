import type { Random } from '../../base/random.js';
import { ClosedLoop, PlannedSending } from '../../simulator/load/sending.js';
import type { RequestMark } from '../inference-client.js';
import { contentSource, markOf } from './marks.js';
import type { PlannedLoad } from './plan.js';

export interface Departure {
  /** When the schedule wanted it: latency counts from here. */
  readonly plannedUs: number;
  /** When nothing but the generator kept it: later than planned where a cap held it back. */
  readonly dueUs: number;
  readonly variant: number;
  readonly mark?: RequestMark;
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

export function createSender(load: PlannedLoad, random: Random, ofContents: Random): Sender {
  return load.mode === 'closed' ? new ClosedSender(load, random, ofContents) : new TraceSender(load);
}

/** Sends a trace's requests as planned, but never more than `maxInFlight` at once. */
class TraceSender implements Sender {
  readonly #load: PlannedLoad & { mode: 'trace' };
  readonly #sending: PlannedSending;

  constructor(load: PlannedLoad & { mode: 'trace' }) {
    this.#load = load;
    this.#sending = new PlannedSending({ ...load, count: load.arrivalUs.length });
  }

  get dueUs(): number {
    return this.#sending.dueNs / 1000;
  }

  take(nowUs: number): Departure {
    const { dueUs } = this;
    return { ...this.#planned(this.#sending.send(nowUs * 1000)), dueUs };
  }

  answered(nowUs: number): void {
    this.#sending.answered(nowUs * 1000);
  }

  unsent(): Departure[] {
    const { next } = this.#sending;
    return Array.from({ length: this.#load.arrivalUs.length - next }, (_, i) => this.#planned(next + i));
  }

  #planned(index: number): Departure {
    const plannedUs = this.#load.arrivalUs[index]!;
    const { variant, marks } = this.#load;
    return {
      plannedUs,
      dueUs: plannedUs,
      variant: variant[index]!,
      ...(marks !== undefined && { mark: markOf(marks, index) }),
    };
  }
}

/** Closed-loop clients. Those of a client with threads send as late as these would take the answer. */
class ClosedSender implements Sender {
  readonly #loop: ClosedLoop;
  readonly #nextContent: (() => number) | undefined;

  constructor(load: PlannedLoad & { mode: 'closed' }, random: Random, ofContents: Random) {
    this.#loop = new ClosedLoop(load, random);
    this.#nextContent = load.contents && contentSource(load.contents, ofContents);
  }

  get dueUs(): number {
    return this.#loop.dueNs / 1000;
  }

  take(): Departure {
    const { dueUs } = this;
    this.#loop.sendDue();
    const content = this.#nextContent?.();
    return { plannedUs: dueUs, dueUs, variant: 0, ...(content !== undefined && { mark: { content } }) };
  }

  answered(nowUs: number, backOffUs: number): void {
    if (this.#loop.isOver) return;
    const takenNs = this.#loop.takenNs(nowUs * 1000);
    this.#loop.wait(this.#loop.returnNs(takenNs, backOffUs * 1000));
  }

  unsent(): Departure[] {
    return [];
  }
}
