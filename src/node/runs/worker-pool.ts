import { existsSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { Piscina } from 'piscina';
import { inParts } from '../../base/in-parts.js';
import { asMemoryError } from '../memory/memory-error.js';
import { MemoryWatch } from '../memory/memory-watch.js';

export interface PoolLimits {
  /** Heap of each thread in megabytes. Default: as much as that of this one may take. */
  readonly heapMb?: number;
  /** All threads together, their columns included. Default: the memory that is free now. */
  readonly freeBytes?: number;
}

type TaskOptions = Parameters<Piscina['run']>[1];

/** Worker threads that stay until the pool is destroyed, or until they have taken all memory that was free. */
export class WorkerPool {
  readonly #piscina: Piscina;
  readonly #watch: MemoryWatch;

  constructor(settings: ConstructorParameters<typeof Piscina>[0], { heapMb, freeBytes }: PoolLimits) {
    // A thread whose heap is full ends alone, and its end is an error.
    const maxOldGenerationSizeMb = heapMb ?? getHeapStatistics().heap_size_limit / 2 ** 20;
    this.#piscina = new Piscina({ ...settings, resourceLimits: { maxOldGenerationSizeMb } });
    this.#watch = new MemoryWatch(() => void this.#piscina.destroy(), freeBytes);
  }

  /**
   * What a thread makes of the task.
   * @throws MemoryError where memory runs out
   */
  async run<Result>(task: unknown, options?: TaskOptions): Promise<Result> {
    try {
      return await this.#piscina.run(task, options);
    } catch (error) {
      throw this.#watch.error ?? asMemoryError(error);
    }
  }

  async destroy(): Promise<void> {
    this.#watch.stop();
    await this.#piscina.destroy();
  }
}

/**
 * A pool of threads, each started with `data`.
 * @param worker the worker's file as it is compiled; where there is none beside its source, that takes its place
 */
export function workerPool(worker: URL, data: unknown, threads: number, limits: PoolLimits = {}): WorkerPool {
  const isSource = !existsSync(worker);
  const settings = {
    filename: isSource ? worker.href.replace(/\.js$/, '.ts') : worker.href,
    workerData: data,
    minThreads: threads,
    maxThreads: threads,
    ...(isSource && { execArgv: ['--import', 'tsx'] }),
  };
  return new WorkerPool(settings, limits);
}

/**
 * Hands items to the threads in groups of `size`; gives what they make of them, in the order of the items.
 * @param onDone told, after each group, how many of the items are done
 */
export async function runInGroups<Item, Result>(
  pool: WorkerPool,
  items: readonly Item[],
  size: number,
  onDone: (done: number) => void,
): Promise<Result[]> {
  let done = 0;
  const results = await Promise.all(
    inParts(items, size).map(async (group) => {
      const part: Result[] = await pool.run(group);
      done += group.length;
      onDone(done);
      return part;
    }),
  );
  return results.flat();
}
