import { variesByChance } from '../bound/chance.js';
import { type EvaluatedPlacement, meetsAll } from '../evaluate.js';
import { fitsMemory } from '../memory.js';
import { type Placement, type Slot, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { evaluateDays } from './evaluate-days.js';
import { type CheckedFailures, checkFailures } from './failure-scenarios.js';
import type { JobDispatcher } from './job-dispatcher.js';
import { type Choice, FEW_MODELS, type Search } from './search-setting.js';
import { SlotChecks } from './slot-checks.js';

/** Says whether placements meet every SLO, and which of their slots are in the way. */
export class FeasibilityCheck {
  readonly dispatcher: JobDispatcher;
  readonly checks: SlotChecks;
  readonly #problem: PlanProblem;

  constructor(problem: PlanProblem, dispatcher: JobDispatcher) {
    this.#problem = problem;
    this.dispatcher = dispatcher;
    this.checks = new SlotChecks(problem, dispatcher);
  }

  /** The placement on every day and after every failure, or the slots that are in the way of its SLOs there. */
  *placement(placement: Placement): Search<Choice & { readonly failing: readonly Slot[] }> {
    const failing = yield* this.checks.failing(placement);
    if (failing.length > 0 && !this.#mayDoAllTheSame(failing)) return { days: [], failing };
    const days = yield* evaluateDays(this.#problem, this.dispatcher, placement);
    if (!days.every(meetsAll))
      return { days, failing: failing.length > 0 ? failing : this.#slotsOfViolated(placement, days) };
    const afterFailures = yield* this.failures(days);
    return { days, afterFailures, failing: afterFailures.failing };
  }

  /** Slots by themselves draw other random numbers than in the whole, which decides where it is soon simulated. */
  #mayDoAllTheSame(failing: readonly Slot[]): boolean {
    const { workloads, spec } = this.#problem;
    if (workloads.length > FEW_MODELS || spec.survive !== 'nothing') return false;
    const isByChance = ({ kind, modelReplicas }: Slot) =>
      modelReplicas.some(({ workload }) => variesByChance(workloads[workload]!.profiles[kind]!));
    return failing.every((slot) => fitsMemory(this.#problem, slot) && isByChance(slot));
  }

  /** @param days a placement simulated in full */
  failures(days: readonly EvaluatedPlacement[]): Search<CheckedFailures> {
    return checkFailures(this.#problem, this.dispatcher, days);
  }

  /** Slots that serve a tenant whose SLO was violated. */
  #slotsOfViolated(placement: Placement, days: readonly EvaluatedPlacement[]): Slot[] {
    const { workloads, spec } = this.#problem;
    const violated = days.flatMap(({ verdicts }) => verdicts.filter(({ met }) => !met));
    const tenants = new Set(violated.map(({ tenant }) => tenant));
    return slotsOf(placement).filter(({ modelReplicas }) =>
      modelReplicas.some(({ workload }) =>
        workloads[workload]!.tenants.some((t) => tenants.has(spec.tenants[t]!.name)),
      ),
    );
  }
}
