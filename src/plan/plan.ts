import type { KindOutcome } from './by-kind.js';
import { candidatesOf, type PlanCandidate } from './candidates.js';
import { type EvaluatedPlacement, meetsAll } from './evaluate.js';
import { goalOf, LEAST_GAIN } from './goal.js';
import { answeredWith, orCurrent, orKnown, orLastStep } from './migration/cheaper-answer.js';
import { type Migration, migrate } from './migration/migration.js';
import type { Placement } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import {
  type CheckedFailures,
  type CheckedPlacement,
  failuresOf,
  simulateFailures,
} from './search/failure-scenarios.js';
import { FeasibilityCheck } from './search/feasibility-check.js';
import { fewAtOnce } from './search/few-at-once.js';
import { explainInfeasible, type Shortfall } from './search/infeasible.js';
import { JobDispatcher } from './search/job-dispatcher.js';
import { withOneLess, withOneMore } from './search/neighbours.js';
import { searchPlacement } from './search/search.js';
import type { Search, SearchResult, SearchTools } from './search/search-setting.js';
import { type SlowEnd, simulateSlowEnd } from './slow-end.js';

export interface LoadOutcome {
  readonly factor: number;
  readonly evaluated: EvaluatedPlacement;
}

export interface PlanResult extends Omit<SearchResult, 'days' | 'evaluationS'> {
  /** Cheapest first; the chosen one is `candidates[chosen]`. */
  readonly candidates: readonly PlanCandidate[];
  /** Absent where no placement was found that meets every SLO. */
  readonly chosen?: number;
  readonly loadPoints: readonly LoadOutcome[];
  /** Of the answer, where there was time for it; absent where it was planned at the slow end. */
  readonly slowEnd?: SlowEnd;
  /** Where the plan names a current placement: the ways from it. */
  readonly migration?: Migration;
  /** Where no placement meets every SLO: which ones are violated, and by how much. */
  readonly shortfalls: readonly Shortfall[];
  /** Where there are several kinds of machines and time was given for it: the best on each of them alone. */
  readonly byKind?: readonly KindOutcome[];
  /** The search was stopped before its end: this is what it had found until then. */
  readonly interrupted?: boolean;
}

/** Candidates below and above the best one. */
const CHEAPER = 5;
const BETTER = 3;
const LOAD_FACTORS = [0.5, 0.75, 1.25, 1.5, 2] as const;

/**
 * Answers a plan: searches for the best placement (the cheapest, with models spread over it so that SLOs have slack), and
 * simulates in full what lies around it (cheaper ones that violate SLOs, dearer ones that keep them better), and other
 * loads. Where no placement does, says what is in the way: SLOs that cannot be met, or failures of the placement that
 * comes nearest.
 * @param known placements that other searches have found: the answer costs no more than one of them that meets every SLO
 */
export function* plan(
  problem: PlanProblem,
  tools: SearchTools,
  known: readonly Placement[] = [],
): Search<PlanResult> {
  const dispatcher = new JobDispatcher(problem, tools);
  const feasibility = new FeasibilityCheck(dispatcher);
  const searched = yield* orKnown(feasibility, yield* searchPlacement(problem, tools), known);
  const found = yield* orCurrent(feasibility, searched);
  const nothing = found.best === undefined ? yield* noneMeets(feasibility, found) : undefined;
  const first = nothing === undefined ? found : orNearest(problem, found, nothing);
  const { best } = first;
  if (best === undefined) return nothing!;
  const settled = yield* settle(feasibility, { ...first, best });
  // Who has a current placement asks for the ways from it: they come before other loads, for which there may be no time.
  const migration = yield* migrate(feasibility, asChecked(settled.answer));
  const answer = orLastStep(problem, settled.answer, migration);
  const earlier = answer === settled.answer ? [] : [asChecked(settled.answer)];
  const candidates = candidatesOf([asChecked(answer), ...earlier, ...settled.others]);
  const chosen = candidates.findIndex(({ placement }) => placement === answer.best);
  const slowEnd = yield* simulateSlowEnd(dispatcher, answer);
  const loadPoints = yield* simulateLoads(dispatcher, answer);
  const { days: _, evaluationS: __, ...told } = answer;
  const further = { ...(slowEnd && { slowEnd }), ...(migration && { migration }) };
  return { ...told, candidates, chosen, loadPoints, ...further, shortfalls: [] };
}

/** What is in the way where no placement does, with the one that comes nearest as the only candidate. */
function* noneMeets(
  feasibility: FeasibilityCheck,
  { days: _, evaluationS: __, ...found }: SearchResult,
): Search<PlanResult> {
  const { shortfalls, nearest } = yield* explainInfeasible(feasibility.dispatcher, found);
  if (nearest === undefined) return { ...found, candidates: [], loadPoints: [], shortfalls };
  const { failures, failureCount } = yield* feasibility.failures(nearest.days);
  const candidates = candidatesOf([{ ...nearest, failures }]);
  return { ...found, candidates, failures, failureCount, loadPoints: [], shortfalls };
}

/**
 * The placement that comes nearest, where it meets every SLO when simulated in full: devices by themselves had been
 * in the way, of which others make up for what one is late.
 */
function orNearest(
  problem: PlanProblem,
  { nearest: _, ...found }: SearchResult,
  { candidates: [met], shortfalls, failures, failureCount }: PlanResult,
): SearchResult {
  const isMet =
    shortfalls.length === 0 && failures.length === failureCount && failures.every((failure) => failure.met);
  if (met === undefined || !isMet || !met.days.every(meetsAll)) return found;
  const proved = { bound: found.bounds.deviceTime, isExhaustive: false, isLookedAt: false };
  return answeredWith(problem, { ...found, ...proved }, met);
}

/** What a search found, where it found something. */
type Answer = SearchResult & { readonly best: Placement };

function asChecked({ best, days, failures }: Answer): CheckedPlacement {
  return { placement: best, days, failures };
}

/**
 * Simulates in full what lies around the answer. Where a cheaper placement meets every SLO there, which a search at
 * the end of its budget had not come to, that one is the answer.
 */
function* settle(
  feasibility: FeasibilityCheck,
  found: Answer,
): Search<{ readonly answer: Answer; readonly others: readonly CheckedPlacement[] }> {
  const { problem, dispatcher } = feasibility;
  const earlier: CheckedPlacement[] = [];
  let answer = found;
  for (;;) {
    const neighbours = neighboursOf(problem, answer.best);
    const near = yield* whileTime(dispatcher, neighbours, answer.evaluationS, function* (placements) {
      const days = yield* dispatcher.evaluateEach(placements.map((placement) => ({ placement })));
      const some = placements.map((placement, i) => ({ placement, days: days[i]! }));
      return yield* withFailures(feasibility, some, answer.goal);
    });
    const cheaper = cheapestThatMeets(near);
    if (cheaper === undefined) return { answer, others: [...near, ...earlier] };
    earlier.push(asChecked(answer));
    answer = answeredWith(problem, answer, cheaper);
  }
}

/** The cheapest of them that costs less than the answer and meets every SLO, after every failure too. */
function cheapestThatMeets(near: readonly NearBy[]): NearBy | undefined {
  return near
    .filter(({ days, afterFailures }) => days.every(meetsAll) && afterFailures?.failing.length === 0)
    .sort((a, b) => a.goal - b.goal)[0];
}

/**
 * Does as many as there is time for, in their order: none is begun that would end after the budget if it takes as long as
 * those before.
 */
function* whileTime<Input, Output>(
  dispatcher: JobDispatcher,
  inputs: readonly Input[],
  usualS: number,
  evaluateSome: (inputs: readonly Input[]) => Search<Output[]>,
): Search<Output[]> {
  const { remainingS } = dispatcher.tools;
  let longestS = usualS;
  const hasTime = () => dispatcher.hasTimeFor(longestS);
  return yield* fewAtOnce(inputs, hasTime, function* (some) {
    const beforeS = remainingS();
    const done = yield* evaluateSome(some);
    longestS = Math.max(longestS, beforeS - remainingS());
    return done;
  });
}

function neighboursOf(problem: PlanProblem, best: Placement): Placement[] {
  const step = Math.max(1, Math.round(best.machines.length * 0.06));
  return [
    ...walk(best, CHEAPER, step, (placement) => withOneLess(problem, placement)),
    ...walk(best, BETTER, step, (placement) => withOneMore(problem, placement)),
  ];
}

/** Placements `step`, 2 × `step`, … moves away, up to `count` of them. */
function walk(
  from: Placement,
  count: number,
  step: number,
  move: (placement: Placement) => Placement | undefined,
): Placement[] {
  const found: Placement[] = [];
  let at: Placement | undefined = from;
  for (let i = 1; i <= count * step && at !== undefined; i++) {
    at = move(at);
    if (at !== undefined && i % step === 0) found.push(at);
  }
  return found;
}

type Evaluated = Omit<CheckedPlacement, 'failures'>;

interface NearBy extends CheckedPlacement {
  readonly goal: number;
  /** Where it is cheaper than the answer and meets every SLO as long as nothing is lost. */
  readonly afterFailures?: CheckedFailures;
}

/** Failures simulated of a placement that cannot be the answer: those of what does most. */
const MOST_FAILURE_SCENARIOS = 8;

function* withFailures(
  feasibility: FeasibilityCheck,
  all: readonly Evaluated[],
  answerGoal: number,
): Search<NearBy[]> {
  const { problem, dispatcher } = feasibility;
  const done: NearBy[] = [];
  for (const evaluated of all) {
    const { placement, days } = evaluated;
    const goal = goalOf(problem, placement);
    if (goal < answerGoal - LEAST_GAIN && days.every(meetsAll)) {
      const afterFailures = yield* feasibility.failures(days);
      done.push({ ...evaluated, goal, failures: afterFailures.failures, afterFailures });
    } else {
      const some = failuresOf(problem, placement).slice(0, MOST_FAILURE_SCENARIOS);
      const failures = yield* simulateFailures(dispatcher, some, days);
      done.push({ ...evaluated, goal, failures });
    }
  }
  return done;
}

function* simulateLoads(
  dispatcher: JobDispatcher,
  { best: placement, days: [asPlanned], evaluationS }: Answer,
): Search<LoadOutcome[]> {
  const others = yield* whileTime(dispatcher, LOAD_FACTORS, evaluationS, underLoads);
  if (others.length === 0) return [];
  return [...others, { factor: 1, evaluated: asPlanned! }].sort((a, b) => a.factor - b.factor);

  function* underLoads(factors: readonly number[]): Search<LoadOutcome[]> {
    const evaluated = yield* dispatcher.ask(
      'evaluate',
      factors.map((loadFactor) => ({ type: 'evaluate', placement, day: 0, loadFactor })),
    );
    return factors.map((factor, i) => ({ factor, evaluated: evaluated[i]! }));
  }
}
