import type { PlanBounds } from '../bound/bounds.js';
import type { EvaluatedPlacement } from '../evaluate.js';
import type { SolveProgram } from '../integer-program.js';
import type { Placement } from '../placement.js';
import type { CheckedFailures } from './failure-scenarios.js';
import type { JobAnswer, SearchJob } from './jobs.js';

/** Up to so many models more is looked at: every cheaper placement, the whole where a part of it fails. */
export const FEW_MODELS = 12;

/** What a search needs from outside: a solver, a clock, and someone to tell. */
export interface SearchTools {
  readonly solve: SolveProgram;
  /** Seconds left of the budget. */
  readonly remainingS: () => number;
  /** Simulations that may be made before the placements found are simulated in full. */
  readonly mostSimulations?: number;
  readonly progress?: (progress: SearchProgress) => void;
}

export interface SearchProgress {
  readonly stage: 'alone' | 'bound' | 'packing' | 'evaluation';
  readonly simulations: number;
  /** Goal of the best placement so far and of the bound. */
  readonly best?: number;
  readonly bound?: number;
}

/** A search asks for lists of jobs, whose answers it is given in the same order. */
export type Search<Result> = Generator<readonly SearchJob[], Result, readonly JobAnswer[]>;

/** The placement that a search settles on, on each day. */
export interface Choice {
  /** None where nothing was found. */
  readonly days: readonly EvaluatedPlacement[];
  /** What becomes of it after failures, where one is to be survived. */
  readonly afterFailures?: CheckedFailures;
  /** Every cheaper placement has been looked at. */
  readonly isExhaustive?: boolean;
  /** Where some could not be: every placement with a lower goal than this has been looked at, and none does. */
  readonly nothingBelow?: number;
}

export interface SearchResult extends Pick<CheckedFailures, 'failures' | 'failureCount'> {
  /** The best placement that meets every SLO on every day and after every failure; absent where none was found. */
  readonly best?: Placement;
  readonly days: readonly EvaluatedPlacement[];
  readonly goal: number;
  readonly bounds: PlanBounds;
  /**
   * The most that is proved: every placement below was looked at, else a bound of {@link planBounds}. More than
   * the goal where a placement meets its SLOs in the run and could not go on like that.
   */
  readonly bound: number;
  /** Every placement within the plan's options has been looked at. */
  readonly isExhaustive: boolean;
  /** The bound is from looking at every placement below it. */
  readonly isLookedAt: boolean;
  readonly simulations: number;
  /** Seconds that placements took to be simulated in full, of those asked for at once the longest. */
  readonly evaluationS: number;
  /** Workloads that no kind of device can serve within their limits. */
  readonly unservable: readonly number[];
  /** Where none was found: the best that needs more machines than there may be, or else the last that was tried. */
  readonly nearest?: Placement;
}
