import { countBefore } from '../../base/count-before.js';
import type { Random } from '../../base/random.js';
import { BACK_OFF_US } from '../../scenario/closed-loop/rounds.js';
import type { Load, Tenant } from '../../scenario/scenario.js';
import type { Trace } from '../../trace/trace.js';
import { ClosedLoop, PlannedSending } from './sending.js';

/** What a client sends: when it was planned, and what the trace says of the request. One object of a client, used again for its next. */
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

/**
 * The sending side of one tenant. The simulation asks when it wants to act next, lets it send, and
 * tells it of every answer.
 */
export interface Client {
  /** Whether answers decide when it sends. */
  readonly heedsAnswers: boolean;
  /** When it acts next without having heard of an answer; Infinity when only an answer can move it. */
  readonly nextNs: number;
  /** At `nextNs`: the request that leaves now, or undefined when it had to wait or nothing is left. */
  act(nowNs: number): NextRequest | undefined;
  /** When its threads take an answer that arrives now; to be asked in the order in which they arrive. */
  takenNs(nowNs: number): number;
  /** An answer has been taken, or word that the request was refused or given up: a request that leaves now in return, if any. */
  answered(nowNs: number, refused: boolean): NextRequest | undefined;
  /** Hands over each request that was planned before the end of the run and has not left, e.g. because of a cap. */
  eachUnsent(take: (request: NextRequest) => void): void;
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
  readonly heedsAnswers: boolean;
  readonly #trace: Trace;
  readonly #count: number;
  readonly #sending: PlannedSending;
  readonly #request: NextRequest;
  /** What the tenant says of requests of which the trace says nothing. */
  readonly #usual: Tenant;
  #waiting = false;

  constructor(
    tenant: Tenant,
    trace: Trace,
    maxInFlight: number,
    pacing: 'schedule' | 'gap',
    durationNs: number,
  ) {
    const { arrivalUs } = trace;
    this.heedsAnswers = maxInFlight < Infinity;
    this.#usual = tenant;
    this.#request = usualRequest(tenant);
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

  eachUnsent(take: (request: NextRequest) => void): void {
    for (let i = this.#sending.next; i < this.#count; i++) take(this.#read(i));
  }

  #send(nowNs: number): NextRequest {
    const request = this.#read(this.#sending.send(nowNs));
    this.nextNs = Math.max(nowNs, this.#sending.wantedNs);
    return request;
  }

  #read(index: number): NextRequest {
    const request = this.#request;
    const usual = this.#usual;
    const { arrivalUs, batchSize, payloadBytes, priority, timeoutUs, contentId } = this.#trace;
    const { sequenceId, sequenceFlags, promptTokens, outputTokens } = this.#trace;
    request.plannedNs = arrivalUs[index]! * 1000;
    if (batchSize !== undefined) request.size = batchSize[index]!;
    if (payloadBytes !== undefined) request.requestBytes = payloadBytes[index]! || Number.NaN;
    if (priority !== undefined) request.priority = priority[index]! || usual.priority;
    if (timeoutUs !== undefined) request.timeoutUs = timeoutUs[index]! || usual.timeoutUs;
    if (contentId !== undefined) request.contentId = contentId[index]!;
    if (sequenceId !== undefined) request.sequenceId = sequenceId[index]!;
    if (sequenceFlags !== undefined) request.sequenceFlags = sequenceFlags[index]!;
    if (promptTokens !== undefined) request.promptTokens = promptTokens[index]!;
    if (outputTokens !== undefined) request.outputTokens = outputTokens[index]!;
    return request;
  }
}

/** A request of which only its tenant says something. */
function usualRequest({ batchSize, priority, timeoutUs }: Tenant): NextRequest {
  return {
    plannedNs: 0,
    size: batchSize,
    requestBytes: Number.NaN,
    priority,
    timeoutUs,
    contentId: 0,
    sequenceId: 0,
    sequenceFlags: 0,
    promptTokens: 0,
    outputTokens: 0,
  };
}

/** Closed-loop clients, all of which send the same request. */
class ClosedClient implements Client {
  readonly heedsAnswers = true;
  readonly #request: NextRequest;
  readonly #loop: ClosedLoop;

  constructor(tenant: Tenant, load: Load & { mode: 'closed' }, random: Random) {
    this.#request = usualRequest(tenant);
    this.#loop = new ClosedLoop(load, random);
  }

  get nextNs(): number {
    return this.#loop.dueNs;
  }

  act(nowNs: number): NextRequest | undefined {
    this.#loop.sendDue();
    return this.#requestOf(nowNs);
  }

  takenNs(nowNs: number): number {
    return this.#loop.takenNs(nowNs);
  }

  answered(nowNs: number, refused: boolean): NextRequest | undefined {
    if (this.#loop.isOver) return undefined;
    const dueNs = this.#loop.returnNs(nowNs, refused ? 1000 * BACK_OFF_US : 0);
    if (dueNs <= nowNs) {
      this.#loop.sendNow();
      return this.#requestOf(nowNs);
    }
    this.#loop.wait(dueNs);
    return undefined;
  }

  eachUnsent(): void {}

  #requestOf(nowNs: number): NextRequest {
    this.#request.plannedNs = nowNs;
    return this.#request;
  }
}
