import { setImmediate } from 'node:timers/promises';
import type { CandidateFigures } from '../../plan/tune/figures.js';
import type { TuneRunner } from '../../plan/tune/job-runner.js';
import { runInGroups, workerPool } from '../runs/worker-pool.js';
import type { RunJobs } from './drive-search.js';
import type { TuneWorkerData } from './tune-worker.js';

/** Simulates in this thread. */
export function runInline(runner: TuneRunner): RunJobs {
  return async (jobs, onDone) => {
    const figures: CandidateFigures[] = [];
    for (const job of jobs) {
      figures.push(runner.run(job));
      onDone(figures.length);
      // Lets progress be written and an interrupt be heard.
      if (figures.length % JOBS_PER_TURN === 0) await setImmediate();
    }
    return figures;
  };
}

const JOBS_PER_TURN = 16;

/** Jobs that a thread takes at once: few, because they differ in length. */
const JOBS_PER_TASK = 8;

/** Simulates on worker threads, for as long as `use` takes; same figures as in one thread. */
export async function withThreads<Result>(
  data: TuneWorkerData,
  threads: number,
  use: (runJobs: RunJobs) => Promise<Result>,
): Promise<Result> {
  const pool = workerPool(new URL('./tune-worker.js', import.meta.url), data, threads);
  try {
    return await use((jobs, onDone) => runInGroups(pool, jobs, JOBS_PER_TASK, onDone));
  } finally {
    await pool.destroy();
  }
}
