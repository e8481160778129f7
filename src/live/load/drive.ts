import { RandomStreams } from '../../base/random.js';
import { Outcome } from '../../trace/request-log.js';
import type { InferenceClient, LiveError, PreparedRequest } from '../inference-client.js';
import { backOffUs, ErrorTally, outcomeOf, ServerWatch } from './answers.js';
import { LaneStreams } from './lane-streams.js';
import type { EndReason, ErrorCount, LoadProgress } from './load-options.js';
import type { Pacer, PacerFactory } from './pacer.js';
import { contentStream, type TenantPlan } from './plan.js';
import { type RequestColumns, RequestRows, rowInChunk } from './request-rows.js';
import { Router } from './router.js';
import { createSender, type Departure, type Sender } from './sender.js';

export interface DriveSettings {
  readonly durationUs: number;
  readonly drainUs: number;
  readonly giveUpUs: number;
  readonly memoryBudgetBytes: number;
  readonly seed: number | string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface DriveOptions extends DriveSettings {
  readonly plans: readonly TenantPlan[];
  /** In the order in which the plans' targets count them. */
  readonly clients: readonly Pick<InferenceClient, 'send' | 'mark' | 'openStream'>[];
  readonly pacer: PacerFactory;
}

/** What one thread measured: plain data. */
export interface RunPart {
  /** Answers of the drain included. */
  readonly requests: RequestColumns;
  readonly endUs: number;
  readonly endReason: EndReason;
  readonly errors: readonly ErrorCount[];
  readonly answeredLate: number;
}

/** Sends what is planned from this thread and notes what becomes of it. */
export function drive(options: DriveOptions): Promise<RunPart> {
  return new Promise((resolve, reject) => new Drive(options, resolve, reject));
}

/** Sends in one go before the event loop gets a turn to read answers. */
const MOST_AT_ONCE = 32;
/** What a call under way takes in grpc-js 1.14 beside a copy of its bytes: 31 KB measured for both ends of 10,000 calls. */
const CALL_BYTES = 16 * 1024;
/** How often it looks after itself: progress, a server that is gone. */
const HOUSEKEEPING_US = 200_000;

interface Lane {
  readonly plan: TenantPlan;
  readonly sender: Sender;
  readonly router: Router;
  readonly streams: LaneStreams | undefined;
}

class Drive {
  readonly #options: DriveOptions;
  readonly #resolve: (part: RunPart) => void;
  readonly #reject: (error: unknown) => void;
  readonly #pacer: Pacer;
  readonly #lanes: readonly Lane[];
  readonly #rows: RequestRows;
  readonly #errors = new ErrorTally();
  readonly #watch: ServerWatch;
  #armedUs = Infinity;
  #housekeepingUs = HOUSEKEEPING_US;
  #sent = 0;
  #answered = 0;
  #answeredLate = 0;
  #failed = 0;
  #bytesInFlight = 0;
  #isSending = false;
  #end: { readonly atUs: number; readonly reason: EndReason } | undefined;
  #isFinished = false;

  constructor(options: DriveOptions, resolve: (part: RunPart) => void, reject: (error: unknown) => void) {
    const streams = new RandomStreams(options.seed);
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#watch = new ServerWatch(options.giveUpUs);
    this.#rows = new RequestRows(expectedRows(options.plans));
    this.#lanes = options.plans.map((plan) => ({
      plan,
      sender: createSender(plan.load, streams.get(plan.stream), streams.get(contentStream(plan.name))),
      router: new Router(plan.targets, plan.routing, streams.get(`routing ${plan.name}`)),
      streams: plan.sharedStreams === undefined ? undefined : new LaneStreams(plan.sharedStreams),
    }));
    this.#pacer = options.pacer(this.#wake);
    options.signal?.addEventListener('abort', this.#abort);
    this.#arm();
    if (options.signal?.aborted === true) this.#abort();
  }

  /** Whatever has come due is done; then the pacer is told when to come again. */
  readonly #wake = (): void => {
    if (this.#isFinished) return;
    try {
      if (this.#end === undefined) this.#sendDue();
      this.#lookAfter(this.#pacer.nowUs());
      if (!this.#isFinished) this.#arm();
    } catch (error) {
      this.#close();
      this.#reject(error);
    }
  };

  readonly #abort = (): void => {
    this.#stop(Math.max(0, this.#pacer.nowUs()), 'aborted');
    this.#wake();
  };

  #sendDue(): void {
    this.#isSending = true;
    for (let i = 0; i < MOST_AT_ONCE && this.#end === undefined; i++) {
      const nowUs = this.#pacer.nowUs();
      const index = this.#firstDue();
      if (nowUs >= this.#options.durationUs || !(this.#lanes[index]!.sender.dueUs <= nowUs)) break;
      this.#send(index, nowUs);
    }
    this.#isSending = false;
  }

  /** Who sends next; among equals the first tenant. */
  #firstDue(): number {
    let first = 0;
    let firstUs = Infinity;
    for (let i = 0; i < this.#lanes.length; i++) {
      const { dueUs } = this.#lanes[i]!.sender;
      if (dueUs < firstUs) {
        first = i;
        firstUs = dueUs;
      }
    }
    return first;
  }

  #send(index: number, nowUs: number): void {
    const lane = this.#lanes[index]!;
    const departure = lane.sender.take(nowUs);
    const target = lane.router.choose(departure.mark?.sequence);
    const server = lane.plan.targets[target]!;
    const client = this.#options.clients[server]!;
    const request = requestOf(lane.plan, departure, client);
    const row = this.#addRow(index, server, departure, nowUs);
    const memoryBytes = request.bytes.length + CALL_BYTES;
    this.#sent++;
    this.#bytesInFlight += memoryBytes;
    const done = (error: LiveError | undefined) => {
      this.#bytesInFlight -= memoryBytes;
      this.#onAnswer(row, lane, target, error);
    };
    if (request.isStream === true) client.send(request, done, () => this.#onResponse(row));
    else if (lane.streams !== undefined)
      lane.streams.send(client, request, departure.mark?.sequence?.id ?? 0, done);
    else client.send(request, done);
  }

  #onResponse(row: number): void {
    const columns = this.#rows.chunkOf(row);
    const at = rowInChunk(row);
    if (columns.responses[at]!++ === 0) columns.firstUs[at] = this.#pacer.nowUs();
  }

  #addRow(tenant: number, server: number, departure: Departure, sentUs: number): number {
    const { batchSize } = this.#lanes[tenant]!.plan.variants[departure.variant]!;
    const { plannedUs, dueUs } = departure;
    return this.#rows.add({ tenant, server, batchSize, plannedUs, dueUs, sentUs });
  }

  #onAnswer(row: number, lane: Lane, target: number, error: LiveError | undefined): void {
    const nowUs = this.#pacer.nowUs();
    this.#answered++;
    lane.router.answered(target);
    lane.sender.answered(nowUs, backOffUs(error));
    this.#watch.answered(nowUs, error);
    if (error !== undefined) this.#errors.add(error);
    this.#noteEnd(row, nowUs, error);
    if (this.#isSending || this.#isFinished) return;
    // An open loop goes on by its schedule; clients that waited for this answer, or for the last one, do not.
    if (lane.sender.dueUs <= nowUs || this.#isIdle()) this.#wake();
    else if (lane.sender.dueUs < this.#armedUs) this.#arm();
  }

  #noteEnd(row: number, nowUs: number, error: LiveError | undefined): void {
    const columns = this.#rows.chunkOf(row);
    const at = rowInChunk(row);
    columns.endedUs[at] = nowUs;
    columns.outcome[at] = outcomeOf(error);
    const isLate = nowUs >= (this.#end?.atUs ?? this.#options.durationUs);
    if (isLate) this.#answeredLate++;
    else if (columns.outcome[at] === Outcome.failed) this.#failed++;
  }

  #lookAfter(nowUs: number): void {
    if (nowUs >= this.#housekeepingUs) {
      this.#housekeepingUs = nowUs + HOUSEKEEPING_US;
      this.#report(nowUs);
    }
    if (nowUs >= this.#options.durationUs) this.#stop(this.#options.durationUs, 'duration');
    else if (this.#watch.isGone) this.#stop(nowUs, 'serverGone');
    else if (this.#bytesInFlight > this.#options.memoryBudgetBytes) this.#stop(nowUs, 'overloaded');
    else if (this.#isIdle() && this.#firstDueUs() === Infinity) this.#stop(nowUs, 'exhausted');
    if (this.#end === undefined) return;
    if (this.#isIdle() || nowUs >= this.#end.atUs + this.#options.drainUs) this.#finish(nowUs);
  }

  /** Nothing is sent after this; the first reason counts. */
  #stop(atUs: number, reason: EndReason): void {
    this.#end ??= { atUs, reason };
  }

  #isIdle(): boolean {
    return this.#sent === this.#answered;
  }

  #firstDueUs(): number {
    return this.#lanes[this.#firstDue()]?.sender.dueUs ?? Infinity;
  }

  /** When something has to be done again, answers aside. */
  #nextUs(): number {
    if (this.#end !== undefined) return this.#end.atUs + this.#options.drainUs;
    return Math.min(this.#firstDueUs(), this.#options.durationUs, this.#housekeepingUs);
  }

  #arm(): void {
    this.#armedUs = this.#nextUs();
    this.#pacer.wakeAt(this.#armedUs);
  }

  #report(elapsedUs: number): void {
    this.#options.onProgress?.({
      elapsedUs,
      durationUs: this.#options.durationUs,
      sent: this.#sent,
      answered: this.#answered,
      failed: this.#failed,
    });
  }

  #finish(nowUs: number): void {
    if (this.#isFinished) return;
    const { atUs, reason } = this.#end!;
    this.#close();
    this.#report(nowUs);
    // A load that has ended leaves the rest of its time empty, as in a simulated run.
    const endUs =
      reason === 'exhausted' && Number.isFinite(this.#options.durationUs) ? this.#options.durationUs : atUs;
    this.#addUnsent(endUs);
    this.#resolve({
      requests: this.#rows.toColumns(),
      endUs,
      endReason: reason,
      errors: this.#errors.counts(),
      answeredLate: this.#answeredLate,
    });
  }

  /** What was planned and never left, because of a cap or a generator that fell behind. */
  #addUnsent(endUs: number): void {
    for (const [index, { sender, plan }] of this.#lanes.entries()) {
      for (const departure of sender.unsent()) {
        if (departure.plannedUs < endUs) this.#addRow(index, plan.targets[0]!, departure, Number.NaN);
      }
    }
  }

  #close(): void {
    this.#isFinished = true;
    for (const { streams } of this.#lanes) streams?.close();
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#pacer.close();
  }
}

function requestOf(
  { variants, firstContent }: TenantPlan,
  { variant, mark }: Departure,
  client: Pick<InferenceClient, 'mark'>,
): PreparedRequest {
  const request = variants[variant]!;
  if (mark === undefined) return request;
  const { content } = mark;
  return client.mark(request, content === undefined ? mark : { ...mark, content: firstContent + content });
}

function expectedRows(plans: readonly TenantPlan[]): number {
  return plans.reduce((sum, { load }) => {
    return sum + (load.mode === 'trace' ? load.arrivalUs.length : Math.min(load.maxRequests, 1 << 18));
  }, 0);
}
