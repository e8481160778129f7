import type { SolveProgram } from '../../plan/integer-program.js';
import { type PlanResult, plan } from '../../plan/plan.js';
import type { Day, PlanProblem } from '../../plan/problem-setting.js';
import { RESERVED_SHARE } from '../../plan/search/job-dispatcher.js';
import { FINAL_JOBS, type JobAnswer } from '../../plan/search/jobs.js';
import type { Search, SearchProgress } from '../../plan/search/search-setting.js';
import { requireMemory } from '../memory/memory-need.js';
import { placementsNeed } from '../memory/run-need.js';
import { workerPool } from '../runs/worker-pool.js';
import { shareTrace } from '../sweep/content-library.js';
import { loadSolver } from './highs.js';
import type { PlanTask, PlanThreadData } from './plan-worker.js';

export interface RunPlanOptions {
  /** Seconds for the search; what is shown is then still simulated in full. Default 60. */
  readonly budgetS?: number;
  /** Simulations of the search, instead of seconds: the same answer on every machine. */
  readonly budgetRuns?: number;
  /** Worker threads. Default 1. */
  readonly threads?: number;
  /** Ends the search; the best so far is still simulated in full. */
  readonly signal?: AbortSignal;
  readonly progress?: (progress: SearchProgress) => void;
  /** Told where the search will take most of the memory that is free, before it begins. */
  readonly notify?: (text: string) => void;
}

const BUDGET_S = 60;
/** A search that counts runs is not stopped by the clock. */
const NO_TIME_LIMIT_S = 24 * 3600;
/** Seconds beyond the budget in which a placement is brought to its end. */
const OVERTIME_S = 20;

/**
 * Searches, on worker threads, so that an interrupt is heard at once. With a budget of runs the answer
 * is the same whatever the number of threads.
 */
export async function runPlan(problem: PlanProblem, options: RunPlanOptions = {}): Promise<PlanResult> {
  const { budgetRuns, threads = 1, signal, progress } = options;
  requireMemory(placementsNeed(problem, threads), options.notify);
  const budgetS = budgetRuns === undefined ? (options.budgetS ?? BUDGET_S) : NO_TIME_LIMIT_S;
  const solve = budgetRuns === undefined ? await loadSolver() : solveByNodes(await loadSolver());
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const endMs = Date.now() + budgetS * 1000;
  const remainingS = () => (Atomics.load(stop, 0) === 0 ? (endMs - Date.now()) / 1000 : 0);
  const mostSimulations = budgetRuns ?? Infinity;
  const search = plan(problem, { solve, remainingS, mostSimulations, ...(progress && { progress }) });
  const data: PlanThreadData = { problem: sharing(problem), stop };
  const pool = workerPool(new URL('./plan-worker.js', import.meta.url), data, threads);
  try {
    const untilMs = endMs - RESERVED_SHARE * budgetS * 1000;
    const latestMs = endMs + OVERTIME_S * 1000;
    const result = await drive(search, (job) => {
      const isFinal = FINAL_JOBS.includes(job.type);
      return pool.run({ job, untilMs: isFinal ? latestMs : untilMs, mostSimulations } satisfies PlanTask);
    });
    return signal?.aborted ? { ...result, interrupted: true } : result;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await pool.destroy();
  }
}

/** Nodes of a program's tree after which a budget of runs takes the best that was found. */
const MOST_NODES = 1000;
/** What no program of a few hundred models takes; where one does, the clock has a part in the answer. */
const PATIENCE_S = 600;

/** Work limits a program in place of the clock, so that a faster machine finds nothing else. */
export function solveByNodes(solve: SolveProgram): SolveProgram {
  return (program, limits) => solve(program, { ...limits, timeLimitS: PATIENCE_S, mostNodes: MOST_NODES });
}

async function drive<Result>(
  search: Search<Result>,
  run: (job: PlanTask['job']) => Promise<JobAnswer>,
): Promise<Result> {
  let step = search.next();
  while (step.done !== true) step = search.next(await Promise.all(step.value.map(run)));
  return step.value;
}

/** The problem with its arrivals in memory that threads share. */
function sharing(problem: PlanProblem): PlanProblem {
  const days = problem.days.map((day): Day => ({ ...day, traces: day.traces.map(shareTrace) }));
  return { ...problem, days };
}
