import { setImmediate } from 'node:timers/promises';
import { plural } from '../../base/plural.js';
import type { CandidateFigures } from '../../plan/tune/figures.js';
import { jobKey, type TuneJob, type TuneSearch } from '../../plan/tune/job.js';
import type { TuneRunner } from '../../plan/tune/job-runner.js';
import { runInGroups, workerPool } from '../runs/worker-pool.js';
import type { TuneWorkerData } from './tune-worker.js';

/** A job and what it gave, in the order in which they were first asked for. */
export interface Evaluation {
  readonly job: TuneJob;
  readonly figures: CandidateFigures;
}

export interface DrivenSearch<Result> {
  readonly result: Result;
  /** Every simulation that was made; none twice. */
  readonly evaluations: readonly Evaluation[];
}

/** Simulates jobs and gives their figures in the same order. */
export type RunJobs = (
  jobs: readonly TuneJob[],
  onDone: (done: number) => void,
) => Promise<readonly CandidateFigures[]>;

/** Runs a search to its end; what it asks for twice is simulated once. */
export async function driveSearch<Result>(
  search: TuneSearch<Result>,
  runJobs: RunJobs,
  progress: (text: string) => void = () => {},
): Promise<DrivenSearch<Result>> {
  const known = new Map<string, Evaluation>();
  let step = search.next();
  while (step.done !== true) {
    const asked = step.value;
    const missing = [...new Map(asked.map((job) => [jobKey(job), job])).values()].filter(
      (job) => !known.has(jobKey(job)),
    );
    const before = known.size;
    const figures = await runJobs(missing, (done) =>
      progress(
        `${before + done} ${plural(before + done, 'simulation')} done, ${missing.length - done} more in this round`,
      ),
    );
    for (const [i, job] of missing.entries()) known.set(jobKey(job), { job, figures: figures[i]! });
    step = search.next(asked.map((job) => known.get(jobKey(job))!.figures));
  }
  return { result: step.value, evaluations: [...known.values()] };
}

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
