import { countBefore } from '../../base/count-before.js';
import type { Random } from '../../base/random.js';
import { BACK_OFF_US } from '../../scenario/closed-loop/rounds.js';
import type { Load, Tenant } from '../../scenario/scenario.js';
import type { Trace } from '../../trace/trace.js';
import { ClosedLoop, PlannedSending } from './sending.js';

/** What a client sends next: when it was planned, and what the trace says of the request. */
export interface NextRequest {
  plannedNs: number;
  size: number;
  /** Bytes of the request; NaN = as the tenant says. */
  requestBytes: number;
  priority: number;
  timeoutUs: number;
  /** What it holds, as the trace says; 0 = nothing is said. */
  contentId: number;
  /** Its sequence, and what it does in it, as the trace says; 0 = none. */
  sequenceId: number;
  sequenceFlags: number;
  /** Tokens that a language model reads and answers with, as the trace says; 0 = nothing is said. */
  promptTokens: number;
  outputTokens: number;
}

const OF_NO_TRACE = { contentId: 0, sequenceId: 0, sequenceFlags: 0, promptTokens: 0, outputTokens: 0 };

/**
 * The sending side of one tenant. The simulation asks when it wants to act next, lets it send, and
 * tells it of every answer.
 */
export interface Client {
  /** When it acts next without having heard of an answer; Infinity when only an answer can move it. */
  readonly nextNs: number;
  /** At `nextNs`: the request that leaves now, or undefined when it had to wait or nothing is left. */
  act(nowNs: number): NextRequest | undefined;
  /** When its threads take an answer that arrives now; to be asked in the order in which they arrive. */
  takenNs(nowNs: number): number;
  /** An answer has been taken, or word that the request was refused or given up: a request that leaves now in return, if any. */
  answered(nowNs: number, refused: boolean): NextRequest | undefined;
  /** Requests planned before the end of the run that have not left, e.g. because of a cap. */
  unsent(): NextRequest[];
}

/** The client of a tenant, by how it sends. */
export function createClient(tenant: Tenant, random: Random, durationNs: number): Client {
  const load: Load = tenant.load;
  switch (load.mode) {
    case 'open':
      return new TraceClient(tenant, load.trace, Infinity, 'schedule', durationNs);
    case 'capped':
      return new TraceClient(tenant, load.trace, load.maxInFlight, load.pacing ?? 'schedule', durationNs);
    case 'closed':
      return new ClosedClient(tenant, load, random);
  }
}

/** Sends a trace's requests as planned, but never more than `maxInFlight` at once. */
class TraceClient implements Client {
  nextNs: number;
  readonly #tenant: Tenant;
  readonly #trace: Trace;
  readonly #count: number;
  readonly #sending: PlannedSending;
  #waiting = false;

  constructor(
    tenant: Tenant,
    trace: Trace,
    maxInFlight: number,
    pacing: 'schedule' | 'gap',
    durationNs: number,
  ) {
    const { arrivalUs } = trace;
    this.#tenant = tenant;
    this.#trace = trace;
    this.#count = countBefore(arrivalUs, durationNs / 1000);
    this.#sending = new PlannedSending({ arrivalUs, count: this.#count, maxInFlight, pacing });
    this.nextNs = this.#sending.wantedNs;
  }

  act(nowNs: number): NextRequest | undefined {
    if (this.#sending.isFull) {
      this.#waiting = true;
      this.nextNs = Infinity;
      return undefined;
    }
    return this.#send(nowNs);
  }

  takenNs(nowNs: number): number {
    return nowNs;
  }

  answered(nowNs: number): NextRequest | undefined {
    this.#sending.answered(nowNs);
    if (!this.#waiting) return undefined;
    this.#waiting = false;
    return this.#send(nowNs);
  }

  unsent(): NextRequest[] {
    const left: NextRequest[] = [];
    for (let i = this.#sending.next; i < this.#count; i++) left.push(this.#request(i));
    return left;
  }

  #send(nowNs: number): NextRequest {
    const request = this.#request(this.#sending.send(nowNs));
    this.nextNs = Math.max(nowNs, this.#sending.wantedNs);
    return request;
  }

  #request(index: number): NextRequest {
    const trace = this.#trace;
    return {
      plannedNs: trace.arrivalUs[index]! * 1000,
      size: trace.batchSize?.[index] ?? this.#tenant.batchSize,
      requestBytes: trace.payloadBytes?.[index] || Number.NaN,
      priority: trace.priority?.[index] || this.#tenant.priority,
      timeoutUs: trace.timeoutUs?.[index] || this.#tenant.timeoutUs,
      contentId: trace.contentId?.[index] ?? 0,
      sequenceId: trace.sequenceId?.[index] ?? 0,
      sequenceFlags: trace.sequenceFlags?.[index] ?? 0,
      promptTokens: trace.promptTokens?.[index] ?? 0,
      outputTokens: trace.outputTokens?.[index] ?? 0,
    };
  }
}

/** Closed-loop clients, all of which send the same request. */
class ClosedClient implements Client {
  readonly #tenant: Tenant;
  readonly #loop: ClosedLoop;

  constructor(tenant: Tenant, load: Load & { mode: 'closed' }, random: Random) {
    this.#tenant = tenant;
    this.#loop = new ClosedLoop(load, random);
  }

  get nextNs(): number {
    return this.#loop.dueNs;
  }

  act(nowNs: number): NextRequest | undefined {
    this.#loop.sendDue();
    return this.#request(nowNs);
  }

  takenNs(nowNs: number): number {
    return this.#loop.takenNs(nowNs);
  }

  answered(nowNs: number, refused: boolean): NextRequest | undefined {
    if (this.#loop.isOver) return undefined;
    const dueNs = this.#loop.returnNs(nowNs, refused ? 1000 * BACK_OFF_US : 0);
    if (dueNs <= nowNs) {
      this.#loop.sendNow();
      return this.#request(nowNs);
    }
    this.#loop.wait(dueNs);
    return undefined;
  }

  unsent(): NextRequest[] {
    return [];
  }

  #request(nowNs: number): NextRequest {
    const { batchSize, priority, timeoutUs } = this.#tenant;
    return {
      plannedNs: nowNs,
      size: batchSize,
      requestBytes: Number.NaN,
      priority,
      timeoutUs,
      ...OF_NO_TRACE,
    };
  }
}
