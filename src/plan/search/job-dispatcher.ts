import { inParts } from '../../base/in-parts.js';
import type { EvaluatedPlacement } from '../evaluate.js';
import type { Placement } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import type { JobOf, JobValues, SearchJob } from './jobs.js';
import type { Search, SearchTools } from './search-setting.js';

/** Part of the budget kept for the master program and the simulation in full. */
export const RESERVED_SHARE = 0.25;

/** Where the phases of a search have their jobs done, and the budget that they share. */
export class JobDispatcher {
  simulations = 0;
  /** Seconds that placements took to be simulated in full, of those that were asked for at once the longest. */
  evaluationS = 0;
  readonly problem: PlanProblem;
  readonly tools: SearchTools;
  readonly budgetS: number;

  constructor(problem: PlanProblem, tools: SearchTools) {
    this.problem = problem;
    this.tools = tools;
    this.budgetS = tools.remainingS();
  }

  /** Has jobs of one type done and counts what they took. */
  *ask<Type extends SearchJob['type']>(type: Type, jobs: readonly JobOf<Type>[]): Search<JobValues[Type][]> {
    if (jobs.length === 0) return [];
    const beforeS = this.tools.remainingS();
    const answers = yield jobs;
    if (type === 'evaluate') this.evaluationS = Math.max(this.evaluationS, beforeS - this.tools.remainingS());
    for (const { simulations } of answers) this.simulations += simulations;
    return answers.map(({ value }) => value as JobValues[Type]);
  }

  /** Each of the placements simulated in full on every day, asked for all at once. */
  *evaluateEach(
    placements: readonly Pick<JobOf<'evaluate'>, 'placement' | 'slower'>[],
  ): Search<EvaluatedPlacement[][]> {
    const days = this.problem.days.map((_, day) => day);
    const jobs = placements.flatMap((each) =>
      days.map((day) => ({ type: 'evaluate', ...each, day }) as const),
    );
    return inParts(yield* this.ask('evaluate', jobs), days.length);
  }

  /** One placement simulated in full on every day. */
  *evaluateDays(placement: Placement): Search<EvaluatedPlacement[]> {
    const [days] = yield* this.evaluateEach([{ placement }]);
    return days!;
  }

  /** Simulations that may still be made. */
  get simulationsLeft(): number {
    return (this.tools.mostSimulations ?? Infinity) - this.simulations;
  }

  /** Begins a phase that may take a part of what is left now; says whether that is used up. */
  phase(share: number): () => boolean {
    const isLate = this.phaseByClock(share);
    const untilLeft = this.simulationsLeft === Infinity ? 0 : (1 - share) * this.simulationsLeft;
    return () => this.isOver || isLate() || this.simulationsLeft <= untilLeft;
  }

  /** The same for what is done in any case, however few simulations may be made. */
  phaseByClock(share: number): () => boolean {
    const { remainingS } = this.tools;
    const untilS = remainingS() - share * (remainingS() - RESERVED_SHARE * this.budgetS);
    return () => remainingS() <= untilS;
  }

  /** Whether what takes so long is done before the budget is spent. */
  hasTimeFor(seconds: number): boolean {
    return this.tools.remainingS() > seconds;
  }

  /** Whether the part of the budget for finding better placements is used up. */
  get isOver(): boolean {
    return this.tools.remainingS() <= RESERVED_SHARE * this.budgetS || this.simulationsLeft <= 0;
  }
}
