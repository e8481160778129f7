import { setMaxListeners } from 'node:events';
import { type WorkerPool, workerPool } from '../runs/worker-pool.js';
import { type Library, shareTrace } from './content-library.js';
import { engine } from './engine.js';
import type { PointJob, PointResult, SweepRunner } from './runner.js';
import type { SweepTask, ThreadData } from './sweep-thread.js';

/** Points handed to the threads ahead of time, for each: enough that none waits for the next. */
const AHEAD = 2;

/** Runs points on worker threads of this process. */
export function threadRunner(library: Library, threads: number): SweepRunner {
  return async (jobs, onResult, signal) => {
    const pool = sweepThreads(library, threads);
    // Every point under way listens.
    setMaxListeners(0, signal);
    const queue = jobs[Symbol.iterator]();
    const work = async () => {
      for (const { key, scenario } of queue as Iterable<PointJob>) {
        if (signal.aborted) return;
        const task: SweepTask = { job: { key, scenario } };
        const result: PointResult = await pool.run(task, { signal });
        await onResult(result);
      }
    };
    try {
      await Promise.all(Array.from({ length: threads * AHEAD }, work));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await pool.destroy();
    }
  };
}

/** Worker threads that simulate points of one library; traces are shared, not copied. */
export function sweepThreads(library: Library, threads: number): WorkerPool {
  const data: ThreadData = {
    engine: engine(),
    profiles: library.profiles,
    traces: new Map([...library.traces].map(([hash, trace]) => [hash, shareTrace(trace)])),
  };
  return workerPool(new URL('./sweep-thread.js', import.meta.url), data, threads);
}
