import { hostname } from 'node:os';
import { type IRedisClient, type Job, Worker, type WorkerOptions as WorkerSettings } from 'bullmq';
import { printable } from '../../../base/printable.js';
import type { WorkerPool } from '../../runs/worker-pool.js';
import { Library } from '../content-library.js';
import type { PointResult } from '../runner.js';
import { sweepThreads } from '../thread-runner.js';
import { LastingConnection, PREFIX, queueName } from './connection.js';
import { type HandedIn, MalformedMessage, type PointData } from './messages.js';
import { MOST_DEATHS } from './point-dispatcher.js';
import { pointReader } from './point-reader.js';
import type { RedisAddress } from './redis-url.js';
import { Refusals } from './refusals.js';

/** Points run in threads, so the thread that gives signs of life is never busy for long. */
const SILENCE_MS = 10_000;
/** Results that no sweep has fetched are forgotten after a week. */
const KEPT_S = 7 * 24 * 3600;

export interface WorkerOptions {
  readonly threads: number;
  /** Called when it is connected. */
  readonly onReady?: () => void;
  /** Called after each point, with the number of points so far. */
  readonly onPoint?: (points: number) => void;
  /** Tells people what Redis does not do; each kind of answer once. */
  readonly notify?: (text: string) => void;
  /** A worker without a sign of life for this long is dead, and its points go to others. Default 10 s. */
  readonly silenceMs?: number;
  /** Ends when there was nothing to do for so many seconds; absent: never. */
  readonly idleExitS?: number | undefined;
}

/**
 * Simulates points that sweeps hand over through Redis, until `signal` is aborted: then points under way
 * are finished first.
 *
 * @returns how many points it has simulated
 * @throws LiveError when Redis cannot be reached at the start, or does not give the rights that it takes; a Redis
 *   that is away later is waited for
 */
export async function runRedisWorker(
  address: RedisAddress,
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<number> {
  const { threads, onReady = () => {}, onPoint = () => {}, silenceMs = SILENCE_MS, idleExitS } = options;
  const { notify = () => {} } = options;
  const refusals = new Refusals(address.label, notify);
  const named = errorNamer(address.label, notify);
  const pool = sweepThreads(new Library(), threads);
  const connection = new LastingConnection(address);
  const simulate = pointSimulator(pool);
  const idle = new IdleClock();
  let points = 0;
  const worker: PointWorker = new Worker(
    queueName(),
    async (job) => {
      idle.begin();
      try {
        return await simulate(job, await worker.getBackend().client);
      } catch (error) {
        throw named(job, error);
      } finally {
        idle.end();
        onPoint(++points);
      }
    },
    { ...workerSettings(threads, silenceMs), connection: connection.options },
  );
  worker.on('error', (error) => refusals.hear(error));
  try {
    await connection.require(worker);
    refusals.throwIfFinal();
    onReady();
    worker.run().catch((error: unknown) => refusals.hear(error));
    const isIdle = () => idleExitS !== undefined && idle.seconds() > idleExitS;
    await untilDone(signal, () => refusals.isFinal || isIdle());
    // What is under way could not be handed in either.
    await worker.close(refusals.isFinal);
    refusals.throwIfFinal();
  } finally {
    await worker.disconnect().catch(() => {});
    await pool.destroy();
  }
  return points;
}

type PointWorker = Worker<PointData, HandedIn>;

/** Simulates a point in one of the threads, what it names read from Redis. */
function pointSimulator(pool: WorkerPool): (job: Job<PointData>, client: IRedisClient) => Promise<HandedIn> {
  const read = pointReader();
  return async (job, client) => {
    const { rows, problems }: PointResult = await pool.run(await read(job, client));
    return rows === undefined ? { problems } : { rows };
  };
}

/**
 * The error that is handed in in place of a point's result. Of jobs that are not what a sweep hands over the sweep gets the reason,
 * and people here are told of the first.
 */
function errorNamer(label: string, notify: (text: string) => void) {
  let isTold = false;
  return ({ id }: Pick<Job, 'id'>, error: unknown): unknown => {
    if (!(error instanceof MalformedMessage)) return error;
    const text = `the worker "${workerName()}" cannot read point ${printable(String(id))} at ${label}, queue ${queueName()}: ${error.message}`;
    if (!isTold) notify(`${text}; see who else may write to this Redis (others like it are not told)`);
    isTold = true;
    return new Error(text);
  };
}

function workerName(): string {
  return `${hostname()} ${process.pid}`;
}

function workerSettings(threads: number, silenceMs: number): Omit<WorkerSettings, 'connection'> {
  return {
    prefix: PREFIX,
    name: workerName(),
    concurrency: threads,
    autorun: false,
    lockDuration: silenceMs,
    stalledInterval: silenceMs / 2,
    maxStalledCount: MOST_DEATHS - 1, // one more is too many
    removeOnComplete: { age: KEPT_S },
    removeOnFail: { age: KEPT_S },
  };
}

/** How long there has been nothing to do. */
class IdleClock {
  #busy = 0;
  #since = performance.now();

  begin(): void {
    this.#busy++;
  }

  end(): void {
    this.#busy--;
    this.#since = performance.now();
  }

  seconds(): number {
    return this.#busy > 0 ? 0 : (performance.now() - this.#since) / 1000;
  }
}

/** Resolves when `signal` is aborted, or `isDone` says so. */
function untilDone(signal: AbortSignal, isDone: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearInterval(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setInterval(() => {
      if (isDone()) end();
    }, 500);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
