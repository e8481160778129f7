import { type Ensemble, type EnsembleStep, stepsFor } from '../../../scenario/composition.js';
import type { OutcomeCode } from '../../../trace/request-log.js';
import type { CallbackPool } from './callback-pool.js';
import { StepLimit } from './step-limits.js';

/** What hears of the answer to a call that it made. */
export interface Waiting {
  /** @returns what the thread that brings the answer does for it, nanoseconds */
  answered(outcome: OutcomeCode): number;
  /** Hears of each response of a decoupled model, also of the last one, and gives the same; absent: nobody asks. */
  responded?(): number;
  /** The outputs of an ensemble that it asks for; absent: all. */
  readonly outputs?: readonly string[];
}

/** Hears what becomes of the steps of a run. */
export interface StepListener {
  ended(run: EnsembleRun, step: number, outcome: OutcomeCode): number;
  /** A decoupled model has given a response. */
  responded(run: EnsembleRun, step: number): number;
}

/** What a plan is made of besides the ensemble. */
export interface PlanOptions {
  /** Those that are asked for; undefined: all. */
  readonly outputs: readonly string[] | undefined;
  /** Whether the model of a step gives several responses. */
  readonly isDecoupled: (step: EnsembleStep) => boolean;
  /** Whether the model of a step has a batch dimension. */
  readonly isBatched: (step: EnsembleStep) => boolean;
  /** What handing a request on to a step takes. */
  readonly stepNs: number;
  /** Limits that all requests share, by step. */
  readonly limitOf: ((step: EnsembleStep) => StepLimit) | undefined;
  /** Whose threads hand on what a step has given; undefined: the one that brings it. */
  readonly poolOf: (step: EnsembleStep) => CallbackPool | undefined;
}

/** The steps of an ensemble that one kind of request needs, and who waits for whom. */
export class EnsemblePlan {
  readonly steps: readonly EnsembleStep[];
  /** Of each step, how many steps must have ended before it begins. */
  readonly waits: Uint8Array;
  /** The steps that wait for a step, ascending. */
  readonly followers: readonly (readonly number[])[];
  readonly first: readonly number[];
  /** The steps that a step waits for. */
  readonly before: readonly (readonly number[])[];
  /** Those that give what is asked for. */
  readonly last: readonly number[];
  /** Of each step, whether those that wait for it wait for no other. */
  readonly leadsAlone: readonly boolean[];
  readonly batched: readonly boolean[];
  readonly stepNs: number;
  /** Which steps give several responses: each of them runs the steps that follow. */
  readonly decoupled: readonly boolean[];
  readonly isDecoupled: boolean;
  readonly pools: readonly (CallbackPool | undefined)[];
  /** How many calls of a step each request may have under way, and all of them together; undefined: any number. */
  readonly ownLimit: number | undefined;
  readonly limits: readonly StepLimit[] | undefined;
  /** Those of requests that have ended, to be used again. */
  readonly #idle: EnsembleRun[] = [];

  readonly listener: StepListener;

  constructor(ensemble: Ensemble, options: PlanOptions, listener: StepListener) {
    const { outputs, isDecoupled, isBatched, limitOf, poolOf } = options;
    const wanted = outputs?.map((name) => ensemble.outputs.get(name)!) ?? [...ensemble.outputs.values()];
    const steps = stepsFor(ensemble, outputs);
    const before = steps.map(({ needs }) =>
      steps.flatMap(({ gives }, j) => (gives.some((tensor) => needs.includes(tensor)) ? [j] : [])),
    );
    this.steps = steps;
    this.listener = listener;
    this.before = before;
    this.waits = Uint8Array.from(before, ({ length }) => length);
    this.followers = steps.map((_, j) => [...steps.keys()].filter((i) => before[i]!.includes(j)));
    this.first = [...steps.keys()].filter((i) => before[i]!.length === 0);
    this.last = [...steps.keys()].filter((i) => steps[i]!.gives.some((tensor) => wanted.includes(tensor)));
    this.leadsAlone = this.followers.map((all) => all.every((i) => before[i]!.length === 1));
    this.batched = steps.map(isBatched);
    this.stepNs = options.stepNs;
    this.decoupled = steps.map(isDecoupled);
    this.isDecoupled = this.decoupled.includes(true);
    this.pools = steps.map(poolOf);
    this.limits = limitOf && steps.map(limitOf);
    this.ownLimit = limitOf === undefined ? ensemble.maxInFlight : undefined;
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
  /** Of several responses: whether the last call of {@link ready} made one. */
  isResponse = false;
  /** Responses so far, where there may be several, and when the first and the last were there. */
  responses = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  /** Calls of each step that may be under way. */
  readonly limits: readonly StepLimit[] | undefined;
  /** What waits for each of its steps: made once, as a run is used again. */
  readonly waiting: readonly Waiting[];
  readonly #waits: Uint8Array;
  /** Of each step, how many responses it has given. */
  readonly #given: Uint32Array;

  constructor(plan: EnsemblePlan) {
    this.plan = plan;
    this.#waits = new Uint8Array(plan.steps.length);
    this.#given = new Uint32Array(plan.steps.length);
    const { ownLimit, listener } = plan;
    this.limits =
      plan.limits ?? (ownLimit === undefined ? undefined : plan.steps.map(() => new StepLimit(ownLimit)));
    this.waiting = plan.steps.map((_, step) => ({
      answered: (outcome: OutcomeCode) => listener.ended(this, step, outcome),
      ...(plan.isDecoupled && { responded: () => listener.responded(this, step) }),
      ...outputsOf(plan.steps[step]!),
    }));
  }

  begin(row: number): void {
    this.row = row;
    this.inFlight = 0;
    this.failure = undefined;
    this.isAnswered = false;
    const { waits } = this.plan;
    // Much quicker than `set` on so few.
    for (let step = 0; step < waits.length; step++) this.#waits[step] = waits[step]!;
    if (!this.plan.isDecoupled) return;
    this.responses = 0;
    this.firstNs = Number.NaN;
    this.lastNs = Number.NaN;
    this.#given.fill(0);
  }

  /** A step has given a response. @returns the steps that have now all that they wait for */
  ready(step: number): readonly number[] {
    const { followers, before, isDecoupled, last, leadsAlone } = this.plan;
    if (!isDecoupled) {
      if (leadsAlone[step]!) return followers[step]!;
      return followers[step]!.filter((follower) => --this.#waits[follower]! === 0);
    }
    // Responses of several steps belong together by their number (ensemble_scheduler.cc, `GetNextSteps`).
    const number = this.#given[step]!++;
    const hasGiven = (other: number) => this.#given[other]! > number;
    this.isResponse = last.includes(step) && last.every(hasGiven);
    return followers[step]!.filter((follower) => before[follower]!.every(hasGiven));
  }
}

function outputsOf({ outputs }: EnsembleStep): Pick<Waiting, 'outputs'> {
  return outputs === undefined ? {} : { outputs };
}
