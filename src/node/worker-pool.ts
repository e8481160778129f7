import { Piscina } from 'piscina';

/**
 * Worker threads that stay until the pool is destroyed, each started with `data`.
 * @param worker the worker's file as it is compiled; where perseus runs from its sources, they take its place
 */
export function workerPool(worker: URL, data: unknown, threads: number): Piscina {
  const isSource = import.meta.url.endsWith('.ts');
  return new Piscina({
    filename: isSource ? worker.href.replace(/\.js$/, '.ts') : worker.href,
    workerData: data,
    minThreads: threads,
    maxThreads: threads,
    ...(isSource ? { execArgv: ['--import', 'tsx'] } : {}),
  });
}

/**
 * Hands items to the threads in groups of `size`; gives what they make of them, in the order of the items.
 * @param onDone told, after each group, how many of the items are done
 */
export async function runInGroups<Item, Result>(
  pool: Piscina,
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
