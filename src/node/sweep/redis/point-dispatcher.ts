import type { Job, Queue } from 'bullmq';
import { printable } from '../../../base/printable.js';
import { LiveError } from '../../../live/inference-client.js';
import type { Library } from '../content-library.js';
import type { PointJob, PointResult } from '../runner.js';
import { MalformedMessage, type PointData, readHandedIn } from './messages.js';
import { publishContent } from './shared-content.js';

/** Points handed over and not yet back: enough for hundreds of workers, little for Redis to hold. */
const MOST_OUTSTANDING = 1_000;
/** How often what is outstanding is compared with what Redis holds. */
const LOOK_MS = 2_000;
/** A point that so many workers failed at is not tried again. */
const MOST_FAILURES = 3;
/** A point that so many workers died of is the reason that they died. */
export const MOST_DEATHS = 5;
/** What BullMQ says of such a point. */
const DIED_TOO_OFTEN = 'job stalled more than allowable limit';
/** Looks in a row that may end in an error: half a minute of them. */
const MOST_REFUSALS = 15;
/** A Redis that answers so is there again before long, and only waited for. */
const ON_ITS_WAY = /^(LOADING|MASTERDOWN|READONLY|TRYAGAIN|CLUSTERDOWN)\b/;

export interface DispatcherOptions {
  readonly queue: Queue<PointData>;
  /** For people: the queue and the Redis that it is in. */
  readonly where: string;
  readonly library: Library;
  readonly jobs: readonly PointJob[];
  readonly onResult: (result: PointResult) => Promise<void>;
  /** Tells people what Redis does not do. */
  readonly notify: (text: string) => void;
  /** How often to look for what is outstanding. Default 2 s. */
  readonly lookMs?: number;
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
  /** Points that were found lost or failed, until Redis has them again: a failure counts once. */
  readonly #again = new Set<string>();
  #isPublished = false;
  #isOver = false;
  /** Looks in a row that ended in an error. */
  #refusals = 0;
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

  /**
   * Resolves when all results have landed or `signal` is aborted.
   * @throws LiveError where a point fails again and again, or Redis does not do what it is asked to
   */
  async run(signal: AbortSignal): Promise<void> {
    const { lookMs = LOOK_MS } = this.#options;
    const stop = () => this.#settle.resolve();
    signal.addEventListener('abort', stop, { once: true });
    let timer: NodeJS.Timeout | undefined;
    // One look at a time: what one of them hands over is no news to the next.
    const look = async () => {
      await this.#look();
      if (!this.#isOver) timer = setTimeout(look, lookMs);
    };
    try {
      if (signal.aborted) stop();
      else look().catch((error: unknown) => this.#settle.reject(error));
      await this.#ended;
    } finally {
      this.#isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  completed(key: string, result: unknown): void {
    const job = this.#outstanding.get(key);
    if (job === undefined) return;
    // From here on a second result of the same point is nobody's.
    this.#outstanding.delete(key);
    this.#land(job, result).catch((error: unknown) => this.#settle.reject(error));
  }

  /** Takes back what nobody has begun. */
  async withdraw(): Promise<void> {
    await Promise.all([...this.#outstanding.keys()].map((key) => this.#options.queue.remove(key)));
  }

  async #look(): Promise<void> {
    try {
      if (this.#isPublished) await this.#reconcile();
      else await this.#publish();
      await this.#refill();
      this.#refusals = 0;
    } catch (error) {
      this.#refused(error);
    }
  }

  /** A Redis that is away is waited for without an error: this is one that is there. */
  #refused(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    if (!ON_ITS_WAY.test(what)) this.#refusals++;
    if (this.#refusals === 1)
      this.#options.notify(`Redis does not take what it is given, trying again: ${what}`);
    if (this.#refusals < MOST_REFUSALS) return;
    this.#settle.reject(
      new LiveError(
        'server',
        `Redis did not take what it was given ${this.#refusals} times, the last time with: ${what}`,
        'what is done is kept; give Redis the memory or the rights that it lacks, and run it again',
      ),
    );
  }

  async #publish(): Promise<void> {
    await publishContent(await this.#options.queue.getBackend().client, this.#options.library);
    this.#isPublished = true;
  }

  async #land(job: PointJob, handedIn: unknown): Promise<void> {
    this.#landing++;
    const result = await this.#read(job, handedIn);
    await this.#options.onResult(result);
    this.#landing--;
    this.#landed++;
    // Whether Redis forgets it at once or in a week changes nothing.
    this.#options.queue.remove(result.key).catch(() => {});
    // What could not be handed over is found missing by the next look.
    await this.#refill().catch(() => {});
    if (this.#isExhausted && this.#outstanding.size === 0 && this.#landing === 0) this.#settle.resolve();
  }

  /** @throws LiveError where it is no result of that point; then Redis forgets it, so that the next sweep does not find it */
  async #read(job: PointJob, handedIn: unknown): Promise<PointResult> {
    try {
      return readHandedIn(job, handedIn);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      const { queue, where } = this.#options;
      const stored = await this.#stored(job.key).catch(() => undefined);
      await queue.remove(job.key).catch(() => {});
      const worker = stored?.processedBy;
      const who = worker === undefined ? 'a worker that is not known' : `the worker "${printable(worker)}"`;
      throw new LiveError(
        'server',
        `${where}: ${who} handed in something else than rows of point ${job.key}: ${error.message}`,
        'nothing of it was written and what is done is kept; stop that worker, or see who else may write to this Redis, and run it again',
      );
    }
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
    if (jobs.length === 0 || this.#isOver) return;
    await this.#options.queue.addBulk(
      jobs.map(({ key, portable }) => ({
        name: 'point',
        data: { scenario: portable() },
        // The point's address: who adds the same point twice adds it once.
        opts: { jobId: key },
      })),
    );
  }

  /** Finds results whose news got lost, and points that failed or that Redis no longer knows. */
  async #reconcile(): Promise<void> {
    const keys = [...this.#outstanding.keys()].filter((key) => !this.#again.has(key));
    const found = await Promise.all(keys.map((key) => this.#stored(key)));
    for (const [i, key] of keys.entries()) {
      const job = found[i];
      if (job === undefined) this.#again.add(key);
      else if (job.finishedOn === undefined) continue;
      else if (job.failedReason) this.#countFailure(key, job.failedReason);
      else this.completed(key, job.returnvalue);
    }
    await this.#handOverAgain();
  }

  /** What Redis holds of a point; of one that it holds as no JSON, nothing: it is handed over again. */
  async #stored(key: string): Promise<Job | undefined> {
    try {
      return await this.#options.queue.getJob(key);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #countFailure(key: string, reason: string): void {
    // Meanwhile another worker may have done it.
    if (!this.#outstanding.has(key)) return;
    this.#again.add(key);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const isDeadly = reason === DIED_TOO_OFTEN;
    if (failures < MOST_FAILURES && !isDeadly) return;
    this.#settle.reject(
      new LiveError(
        'server',
        isDeadly
          ? `${MOST_DEATHS} workers died while they simulated point ${key}`
          : `point ${key} failed ${failures} times, the last time with: ${reason}`,
        'what is done is kept; look at the messages of the workers, or run it with --engine inline',
      ),
    );
  }

  async #handOverAgain(): Promise<void> {
    if (this.#again.size === 0) return;
    await Promise.all([...this.#again].map((key) => this.#options.queue.remove(key)));
    // Where points are lost, so may be what they refer to.
    await this.#publish();
    await this.#handOver([...this.#again].flatMap((key) => this.#outstanding.get(key) ?? []));
    this.#again.clear();
  }
}
