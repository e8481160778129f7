import { variesByChance } from '../bound/chance.js';
import { type EvaluatedPlacement, keepsAll } from '../evaluate.js';
import { fitsMemory } from '../memory.js';
import { type Placement, type Slot, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { evaluateDays } from './evaluate-days.js';
import type { JobDesk } from './job-desk.js';
import { type JudgedLosses, judgeLosses } from './losses.js';
import { type Choice, FEW_MODELS, type Search } from './search-setting.js';
import { SlotChecks } from './slot-checks.js';

/** Says whether placements keep every promise, and which of their slots are in the way. */
export class Judge {
  readonly desk: JobDesk;
  readonly checks: SlotChecks;
  readonly #problem: PlanProblem;

  constructor(problem: PlanProblem, desk: JobDesk) {
    this.#problem = problem;
    this.desk = desk;
    this.checks = new SlotChecks(problem, desk);
  }

  /** The placement on every day and after every loss, or the slots that are in the way of its promises there. */
  *placement(placement: Placement): Search<Choice & { readonly failing: readonly Slot[] }> {
    const failing = yield* this.checks.failing(placement);
    if (failing.length > 0 && !this.#mayDoAllTheSame(failing)) return { days: [], failing };
    const days = yield* evaluateDays(this.#problem, this.desk, placement);
    if (!days.every(keepsAll))
      return { days, failing: failing.length > 0 ? failing : this.#slotsOfBroken(placement, days) };
    const afterLosses = yield* this.losses(days);
    return { days, afterLosses, failing: afterLosses.failing };
  }

  /** Slots by themselves draw other random numbers than in the whole, which decides where it is soon simulated. */
  #mayDoAllTheSame(failing: readonly Slot[]): boolean {
    const { demands, spec } = this.#problem;
    if (demands.length > FEW_MODELS || spec.survive !== 'nothing') return false;
    const isByChance = ({ kind, pieces }: Slot) =>
      pieces.some(({ demand }) => {
        const profile = demands[demand]!.profiles[kind]!;
        return variesByChance(profile) || (profile.frontEnd.cv ?? 0) > 0;
      });
    return failing.every((slot) => fitsMemory(this.#problem, slot) && isByChance(slot));
  }

  /** @param days a placement simulated in full */
  losses(days: readonly EvaluatedPlacement[]): Search<JudgedLosses> {
    return judgeLosses(this.#problem, this.desk, days);
  }

  /** Slots that serve a tenant whose promise was broken. */
  #slotsOfBroken(placement: Placement, days: readonly EvaluatedPlacement[]): Slot[] {
    const { demands, spec } = this.#problem;
    const broken = days.flatMap(({ verdicts }) => verdicts.filter(({ kept }) => !kept));
    const tenants = new Set(broken.map(({ tenant }) => tenant));
    return slotsOf(placement).filter(({ pieces }) =>
      pieces.some(({ demand }) => demands[demand]!.tenants.some((t) => tenants.has(spec.tenants[t]!.name))),
    );
  }
}
