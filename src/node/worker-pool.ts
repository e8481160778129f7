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
