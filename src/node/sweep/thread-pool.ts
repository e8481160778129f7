import { type WorkerPool, workerPool } from '../runs/worker-pool.js';
import { type Library, shareTrace } from './content-library.js';
import { engine } from './engine.js';
import type { ThreadData } from './sweep-thread.js';

/** Worker threads that simulate points of one library; traces are shared, not copied. */
export function sweepThreads(library: Library, threads: number): WorkerPool {
  const data: ThreadData = {
    engine: engine(),
    profiles: library.profiles,
    traces: new Map([...library.traces].map(([hash, trace]) => [hash, shareTrace(trace)])),
  };
  return workerPool(new URL('./sweep-thread.js', import.meta.url), data, threads);
}
