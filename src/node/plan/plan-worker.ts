import { Piscina } from 'piscina';
import type { PlanProblem } from '../../plan/problem-setting.js';
import { type JobAnswer, JobRunner, type SearchJob } from '../../plan/search/jobs.js';

/** What every thread is given. */
export interface PlanThreadData {
  readonly problem: PlanProblem;
  /** Its only element is not 0 once the search is to stop. */
  readonly stop: Int32Array;
}

export interface PlanTask {
  readonly job: SearchJob;
  /** Moment (of `Date.now()`) at which the search is to be over. */
  readonly untilMs: number;
  readonly mostSimulations: number;
}

const { problem, stop } = Piscina.workerData as PlanThreadData;
const runner = new JobRunner(problem);

/** Runs in a worker thread: does one job. */
export default function run({ job, untilMs, mostSimulations }: PlanTask): JobAnswer {
  const remainingS = () => (Atomics.load(stop, 0) === 0 ? (untilMs - Date.now()) / 1000 : 0);
  return runner.run(job, { remainingS, mostSimulations });
}
