import { getHeapStatistics } from 'node:v8';
import { Piscina } from 'piscina';
import { asMemoryError } from './memory/memory-error.js';
import { MemoryWatch } from './memory/memory-watch.js';

type TaskOptions = Parameters<Piscina['run']>[1];

/** Worker threads that stay until the pool is destroyed, or until they have taken all memory that was free. */
export class WorkerPool {
  readonly #piscina: Piscina;
  readonly #watch: MemoryWatch;

  /** Each thread is started with `data`; `file` is that of its code. */
  constructor(file: string, data: unknown, threads: number, execArgv: readonly string[]) {
    this.#piscina = new Piscina({
      filename: file,
      workerData: data,
      minThreads: threads,
      maxThreads: threads,
      // As much as this thread may have: a thread that wants more ends alone, and its end is an error.
      resourceLimits: { maxOldGenerationSizeMb: getHeapStatistics().heap_size_limit / 2 ** 20 },
      ...(execArgv.length > 0 && { execArgv: [...execArgv] }),
    });
    this.#watch = new MemoryWatch(() => void this.#piscina.destroy());
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
 * @param worker the worker's file as it is compiled; where perseus runs from its sources, they take its place
 */
export function workerPool(worker: URL, data: unknown, threads: number): WorkerPool {
  const isSource = import.meta.url.endsWith('.ts');
  const file = isSource ? worker.href.replace(/\.js$/, '.ts') : worker.href;
  return new WorkerPool(file, data, threads, isSource ? ['--import', 'tsx'] : []);
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
  const groups = Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
  let done = 0;
  const results = await Promise.all(
    groups.map(async (group) => {
      const part: Result[] = await pool.run(group);
      done += group.length;
      onDone(done);
      return part;
    }),
  );
  return results.flat();
}
