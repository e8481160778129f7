import { InputError } from '../../base/problem.js';
import { requireCounts } from '../../base/require-counts.js';
import {
  afterAnswer,
  amongAllKinds,
  bestOfKind,
  type KindOutcome,
  onlyMachines,
  unprofiledOn,
} from '../../plan/by-kind.js';
import type { SolveProgram } from '../../plan/integer-program.js';
import { type PlanResult, plan } from '../../plan/plan.js';
import type { Day, PlanProblem } from '../../plan/problem-setting.js';
import { RESERVED_SHARE } from '../../plan/search/job-dispatcher.js';
import { FINAL_JOBS, type JobAnswer } from '../../plan/search/jobs.js';
import type { Search, SearchProgress, SearchTools } from '../../plan/search/search-setting.js';
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
  /** With as much again, before: the best placement on each kind of machine alone, where there are several. Default false. */
  readonly compareKinds?: boolean;
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
 * @throws InputError for a budget or a number of threads that is none, MemoryError where memory cannot suffice
 */
export async function runPlan(problem: PlanProblem, options: RunPlanOptions = {}): Promise<PlanResult> {
  const { budgetRuns, threads = 1, signal, progress } = options;
  requireCounts({ budgetRuns, threads });
  if (!((options.budgetS ?? BUDGET_S) > 0))
    throw InputError.of(`${options.budgetS} is no time`, 'write seconds, more than 0', { path: 'budgetS' });
  requireMemory(placementsNeed(problem, threads), options.notify);
  const budgetS = budgetRuns === undefined ? (options.budgetS ?? BUDGET_S) : NO_TIME_LIMIT_S;
  const solve = budgetRuns === undefined ? await loadSolver() : solveByNodes(await loadSolver());
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  try {
    const main = { budgetS, mostSimulations: budgetRuns ?? Infinity, threads, solve, stop, progress };
    const isAsked = options.compareKinds === true && problem.machines.length > 1;
    const alone = isAsked ? await eachKind(problem, main) : [];
    const known = alone.flatMap(({ kind, best }) =>
      best === undefined ? [] : [amongAllKinds(problem, kind, best.placement)],
    );
    const result = await search(problem, main, (all, tools) => plan(all, tools, known));
    const byKind = alone.map((outcome) => afterAnswer(outcome, result));
    const told = byKind.length === 0 ? result : { ...result, byKind };
    return signal?.aborted ? { ...told, interrupted: true } : told;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The best on each kind of machine; they share as much time as the answer has. */
async function eachKind(problem: PlanProblem, main: SearchOptions): Promise<readonly KindOutcome[]> {
  const kinds = problem.machines.map((_, kind) => ({ kind, unprofiled: unprofiledOn(problem, kind) }));
  const open = kinds.filter(({ unprofiled }) => unprofiled.length === 0);
  const outcomes: KindOutcome[] = [];
  for (const { kind, unprofiled } of kinds) {
    if (unprofiled.length > 0) outcomes.push({ kind, unprofiled, shortfalls: [] });
    else if (Atomics.load(main.stop, 0) === 0) {
      const mostSimulations = Math.ceil(main.mostSimulations / open.length);
      const own = { ...main, budgetS: main.budgetS / open.length, mostSimulations };
      outcomes.push(
        await search(onlyMachines(problem, kind), own, (alone, tools) => bestOfKind(alone, tools, kind)),
      );
    }
  }
  return outcomes;
}

interface SearchOptions {
  readonly budgetS: number;
  readonly mostSimulations: number;
  readonly threads: number;
  readonly solve: SolveProgram;
  readonly stop: Int32Array<SharedArrayBuffer>;
  readonly progress: ((progress: SearchProgress) => void) | undefined;
}

/** One search on threads of its own, which know its problem. */
async function search<Result>(
  problem: PlanProblem,
  { budgetS, mostSimulations, threads, solve, stop, progress }: SearchOptions,
  begin: (problem: PlanProblem, tools: SearchTools) => Search<Result>,
): Promise<Result> {
  const endMs = Date.now() + budgetS * 1000;
  const remainingS = () => (Atomics.load(stop, 0) === 0 ? (endMs - Date.now()) / 1000 : 0);
  const data: PlanThreadData = { problem: sharing(problem), stop };
  const pool = workerPool(new URL('./plan-worker.js', import.meta.url), data, threads);
  try {
    const untilMs = endMs - RESERVED_SHARE * budgetS * 1000;
    const latestMs = endMs + OVERTIME_S * 1000;
    const tools = { solve, remainingS, mostSimulations, ...(progress && { progress }) };
    return await drive(begin(problem, tools), (job) => {
      const isFinal = FINAL_JOBS.includes(job.type);
      return pool.run({ job, untilMs: isFinal ? latestMs : untilMs, mostSimulations } satisfies PlanTask);
    });
  } finally {
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
