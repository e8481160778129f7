import { setMaxListeners } from 'node:events';
import type { Library } from './content-library.js';
import type { PointJob, PointResult, SweepRunner } from './runner.js';
import type { SweepTask } from './sweep-thread.js';
import { sweepThreads } from './thread-pool.js';

/** Points handed to the threads ahead of time, for each: enough that none waits for the next. */
const AHEAD = 2;

/** Runs points on worker threads of this process. */
export function threadRunner(library: Library, threads: number): SweepRunner {
  return {
    async run(jobs, onResult, signal) {
      const pool = sweepThreads(library, threads);
      // Every point under way listens.
      setMaxListeners(0, signal);
      const queue = jobs[Symbol.iterator]();
      const work = async () => {
        for (const job of queue as Iterable<PointJob>) {
          if (signal.aborted) return;
          const result: PointResult = await pool.run({ job } satisfies SweepTask, { signal });
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
    },
  };
}
