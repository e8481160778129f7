import { Job, type Queue } from 'bullmq';
import { LiveError } from '../../../live/inference-client.js';
import { encodeValue } from '../../../sweep/content.js';
import { type ContentNames, contentNames } from '../../../sweep/detached.js';
import type { Library } from '../content-library.js';
import type { PointJob, PointResult } from '../runner.js';
import { publishContent } from './shared-content.js';

/** What stands in Redis of a point: its scenario as `encodeValue` writes it, and what that refers to. */
export interface PointData {
  readonly scenario: string;
  readonly content: ContentNames;
}

/** Points handed over and not yet back: enough for hundreds of workers, little for Redis to hold. */
const MOST_OUTSTANDING = 1_000;
/** How often what is outstanding is compared with what Redis holds. */
const RECONCILE_MS = 2_000;
/** A point that so many workers failed at is not tried again. */
const MOST_FAILURES = 3;

export interface DispatcherOptions {
  readonly queue: Queue<PointData>;
  readonly library: Library;
  readonly jobs: readonly PointJob[];
  readonly onResult: (result: PointResult) => Promise<void>;
}

/**
 * Hands points over to a queue and takes their results. Redis is only trusted to carry: this side knows
 * what is outstanding, looks for it again and again, and hands over anew what Redis has lost.
 */
export class PointDispatcher {
  readonly #options: DispatcherOptions;
  readonly #left: Iterator<PointJob>;
  readonly #outstanding = new Map<string, PointJob>();
  readonly #failures = new Map<string, number>();
  /** Results on their way to the disk. */
  #landing = 0;
  #landed = 0;
  #isExhausted = false;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  readonly #ended = new Promise<void>((resolve, reject) => {
    this.#settle = { resolve, reject };
  });

  /** Results so far. */
  get landed(): number {
    return this.#landed;
  }

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#left = options.jobs[Symbol.iterator]();
  }

  /** Resolves when all results have landed or `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.#settle.resolve();
    signal.addEventListener('abort', stop, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const reconcile = async () => {
      // Redis may be away for a while.
      await this.#reconcile().catch(() => {});
      timer = setTimeout(reconcile, RECONCILE_MS);
    };
    try {
      this.#start().catch(() => {});
      timer = setTimeout(reconcile, RECONCILE_MS);
      if (signal.aborted) stop();
      await this.#ended;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  completed(key: string, result: unknown): void {
    const job = this.#outstanding.get(key);
    if (job === undefined) return;
    // From here on a second result of the same point is nobody's.
    this.#outstanding.delete(key);
    this.#land(resultOf(key, result)).catch((error: unknown) => this.#settle.reject(error));
  }

  failed(key: string, reason: string): void {
    const job = this.#outstanding.get(key);
    if (job === undefined) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (failures >= MOST_FAILURES) {
      this.#settle.reject(
        new LiveError(
          'server',
          `point ${key} failed ${failures} times, the last time with: ${reason}`,
          'what is done is kept; look at the messages of the workers, or run it with --engine inline',
        ),
      );
      return;
    }
    this.#handOverAgain([job]).catch(() => {});
  }

  /** Takes back what nobody has begun. */
  async withdraw(): Promise<void> {
    await Promise.all([...this.#outstanding.keys()].map((key) => this.#options.queue.remove(key)));
  }

  async #start(): Promise<void> {
    await publishContent(await this.#options.queue.getBackend().client, this.#options.library);
    await this.#refill();
  }

  async #land(result: PointResult): Promise<void> {
    this.#landing++;
    await this.#options.onResult(result);
    this.#landing--;
    this.#landed++;
    // Whether Redis forgets it at once or in a week changes nothing.
    this.#options.queue.remove(result.key).catch(() => {});
    await this.#refill().catch(() => {});
    if (this.#isExhausted && this.#outstanding.size === 0 && this.#landing === 0) this.#settle.resolve();
  }

  /** Fills up when half of the outstanding points are back, so that points travel in groups. */
  async #refill(): Promise<void> {
    if (this.#isExhausted || this.#outstanding.size > MOST_OUTSTANDING / 2) return;
    const jobs: PointJob[] = [];
    while (this.#outstanding.size < MOST_OUTSTANDING) {
      const { value, done } = this.#left.next();
      this.#isExhausted = done === true;
      if (done) break;
      this.#outstanding.set(value.key, value);
      jobs.push(value);
    }
    await this.#handOver(jobs);
  }

  async #handOver(jobs: readonly PointJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#options.queue.addBulk(
      jobs.map(({ key, scenario }) => ({
        name: 'point',
        data: { scenario: encodeValue(scenario), content: contentNames(scenario) },
        // The point's address: who adds the same point twice adds it once.
        opts: { jobId: key },
      })),
    );
  }

  async #handOverAgain(jobs: readonly PointJob[]): Promise<void> {
    await publishContent(await this.#options.queue.getBackend().client, this.#options.library);
    for (const { key } of jobs) await this.#options.queue.remove(key);
    await this.#handOver(jobs);
  }

  /** Finds results whose news got lost, and points that Redis no longer knows. */
  async #reconcile(): Promise<void> {
    const outstanding = [...this.#outstanding];
    const found = await Promise.all(outstanding.map(([key]) => Job.fromId(this.#options.queue, key)));
    const lost: PointJob[] = [];
    for (const [i, [key, job]] of outstanding.entries()) {
      const known = found[i];
      if (known === undefined) lost.push(job);
      else if (known.finishedOn === undefined) continue;
      else if (known.failedReason) this.failed(key, known.failedReason);
      else this.completed(key, known.returnvalue);
    }
    const stillOutstanding = lost.filter(({ key }) => this.#outstanding.has(key));
    if (stillOutstanding.length > 0) await this.#handOverAgain(stillOutstanding);
  }
}

function resultOf(key: string, value: unknown): PointResult {
  const parsed = (typeof value === 'string' ? JSON.parse(value) : value) as Omit<PointResult, 'key'>;
  return { ...parsed, key } as PointResult;
}
