import { type Ensemble, type EnsembleStep, neededSteps } from '../../scenario/composition.js';
import type { OutcomeCode } from '../../trace/request-log.js';

/** What hears of the answer to a call that it made. */
export interface Waiting {
  /** @returns what the thread that brings the answer does for it, nanoseconds */
  answered(outcome: OutcomeCode): number;
}

/** Hears that a step of a run has ended. */
type StepEnded = (run: EnsembleRun, step: number, outcome: OutcomeCode) => number;

/** The steps of an ensemble that one kind of request needs, and who waits for whom. */
export class EnsemblePlan {
  readonly steps: readonly EnsembleStep[];
  /** Of each step, how many steps must have ended before it begins. */
  readonly waits: Uint8Array;
  /** The steps that wait for a step, ascending. */
  readonly followers: readonly (readonly number[])[];
  readonly first: readonly number[];
  /** Those of requests that have ended, to be used again. */
  readonly #idle: EnsembleRun[] = [];

  readonly ended: StepEnded;

  constructor(ensemble: Ensemble, outputs: readonly string[] | undefined, ended: StepEnded) {
    const steps = neededSteps(ensemble, outputs);
    const before = steps.map(({ needs }) =>
      steps.flatMap(({ gives }, j) => (gives.some((tensor) => needs.includes(tensor)) ? [j] : [])),
    );
    this.steps = steps;
    this.ended = ended;
    this.waits = Uint8Array.from(before, ({ length }) => length);
    this.followers = steps.map((_, j) => [...steps.keys()].filter((i) => before[i]!.includes(j)));
    this.first = [...steps.keys()].filter((i) => before[i]!.length === 0);
  }

  /** A request begins. */
  begin(row: number): EnsembleRun {
    const run = this.#idle.pop() ?? new EnsembleRun(this);
    run.begin(row);
    return run;
  }

  /** Nothing is under way for it any more. */
  end(run: EnsembleRun): void {
    this.#idle.push(run);
  }
}

/** One request on its way through an ensemble. */
export class EnsembleRun {
  readonly plan: EnsemblePlan;
  row = -1;
  /** Steps under way. */
  inFlight = 0;
  /** The first error of a step. */
  failure: OutcomeCode | undefined;
  isAnswered = false;
  /** What waits for each of its steps: made once, as a run is used again. */
  readonly waiting: readonly Waiting[];
  readonly #waits: Uint8Array;

  constructor(plan: EnsemblePlan) {
    this.plan = plan;
    this.#waits = new Uint8Array(plan.steps.length);
    this.waiting = plan.steps.map((_, step) => ({
      answered: (outcome: OutcomeCode) => plan.ended(this, step, outcome),
    }));
  }

  begin(row: number): void {
    this.row = row;
    this.inFlight = 0;
    this.failure = undefined;
    this.isAnswered = false;
    this.#waits.set(this.plan.waits);
  }

  /** Whether the step has now all that it waits for, of which one more is there. */
  isReady(step: number): boolean {
    return --this.#waits[step]! === 0;
  }
}
