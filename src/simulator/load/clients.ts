import { countBefore } from '../../base/count-before.js';
import { exponential } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { BACK_OFF_US } from '../../scenario/closed-loop/rounds.js';
import type { Load, Tenant } from '../../scenario/scenario.js';
import type { Trace } from '../../trace/trace.js';
import { EventQueue } from '../containers/event-queue.js';

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
}

/**
 * The sending side of one tenant. The simulation asks when it wants to act next, lets it send, and
 * tells it of every answer.
 */
export interface Client {
  /** When it acts next without having heard of an answer; Infinity when only an answer can move it. */
  readonly nextNs: number;
  /** At `nextNs`: the request that leaves now, or undefined when it had to wait or nothing is left. */
  act(nowNs: number): NextRequest | undefined;
  /** An answer has arrived, or word that the request was refused or given up: a request that leaves now in return, if any. */
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
  readonly #maxInFlight: number;
  readonly #pacing: 'schedule' | 'gap';
  readonly #count: number;
  #next = 0;
  #inFlight = 0;
  #waiting = false;
  #lastSentNs = 0;

  constructor(
    tenant: Tenant,
    trace: Trace,
    maxInFlight: number,
    pacing: 'schedule' | 'gap',
    durationNs: number,
  ) {
    this.#tenant = tenant;
    this.#trace = trace;
    this.#maxInFlight = maxInFlight;
    this.#pacing = pacing;
    this.#count = countBefore(trace.arrivalUs, durationNs / 1000);
    this.nextNs = this.#dueNs();
  }

  act(nowNs: number): NextRequest | undefined {
    if (this.#inFlight >= this.#maxInFlight) {
      this.#waiting = true;
      this.nextNs = Infinity;
      return undefined;
    }
    return this.#send(nowNs);
  }

  answered(nowNs: number): NextRequest | undefined {
    this.#inFlight--;
    if (!this.#waiting) return undefined;
    this.#waiting = false;
    return this.#send(nowNs);
  }

  unsent(): NextRequest[] {
    const left: NextRequest[] = [];
    for (let i = this.#next; i < this.#count; i++) left.push(this.#request(i));
    return left;
  }

  #send(nowNs: number): NextRequest {
    const request = this.#request(this.#next++);
    this.#inFlight++;
    this.#lastSentNs = nowNs;
    this.nextNs = Math.max(nowNs, this.#dueNs());
    return request;
  }

  /** When the next request wants to leave: as planned, or its gap after the last one sent. */
  #dueNs(): number {
    const index = this.#next;
    if (index >= this.#count) return Infinity;
    const arrivalUs = this.#trace.arrivalUs;
    if (this.#pacing === 'schedule' || index === 0) return arrivalUs[index]! * 1000;
    return this.#lastSentNs + (arrivalUs[index]! - arrivalUs[index - 1]!) * 1000;
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
    };
  }
}

/** `concurrency` closed-loop clients, each of which sends again a think time after its answer. */
class ClosedClient implements Client {
  readonly #tenant: Tenant;
  readonly #load: Load & { mode: 'closed' };
  readonly #random: Random;
  /** When each thinking client sends next. */
  readonly #due = new EventQueue();
  #left: number;

  constructor(tenant: Tenant, load: Load & { mode: 'closed' }, random: Random) {
    this.#tenant = tenant;
    this.#load = load;
    this.#random = random;
    this.#left = load.maxRequests;
    for (let closedLoopClient = 0; closedLoopClient < load.concurrency; closedLoopClient++)
      this.#sendAt(this.#thinkNs(0));
  }

  get nextNs(): number {
    return this.#left > 0 ? this.#due.nextNs : Infinity;
  }

  act(nowNs: number): NextRequest | undefined {
    this.#due.pop();
    return this.#send(nowNs);
  }

  answered(nowNs: number, refused: boolean): NextRequest | undefined {
    if (this.#left <= 0) return undefined;
    const dueNs = Math.max(this.#thinkNs(nowNs), refused ? nowNs + 1000 * BACK_OFF_US : nowNs);
    if (dueNs <= nowNs) return this.#send(nowNs);
    this.#sendAt(dueNs);
    return undefined;
  }

  unsent(): NextRequest[] {
    return [];
  }

  #send(nowNs: number): NextRequest {
    this.#left--;
    const { batchSize, priority, timeoutUs } = this.#tenant;
    return { plannedNs: nowNs, size: batchSize, requestBytes: Number.NaN, priority, timeoutUs, contentId: 0 };
  }

  #sendAt(dueNs: number): void {
    this.#due.push(dueNs, 0, 0);
  }

  #thinkNs(nowNs: number): number {
    const { law, meanUs } = this.#load.thinkTime;
    if (meanUs === 0) return nowNs;
    const us = law === 'constant' ? meanUs : exponential(this.#random, meanUs);
    return nowNs + Math.round(us * 1000);
  }
}
