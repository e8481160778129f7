import { groupBy } from '../../base/group-by.js';
import { isInfeasible } from '../bound/infeasible-slot.js';
import { evaluate, meetsAll, placementScenario } from '../evaluate.js';
import { type ModelReplica, mapSlots, type Placement, type ServingOption, slotsOf } from '../placement.js';
import type { Day, PlanProblem } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import type { Survive } from '../spec.js';
import { meetsSlos } from '../verdict.js';
import { slotShare } from './columns.js';
import { divisions } from './divisions.js';
import { failuresOf } from './failure-scenarios.js';
import type { MachineCounts } from './machine-sets.js';
import { withAlso } from './packing/exchange.js';
import { placedSlotKey, placedSlots } from './slot-feasibility.js';
import { type Choosing, turnOrders } from './turn-orders.js';

/** What the search through all placements on given machines found. */
export interface ExactAnswer {
  /** Meets every SLO, simulated as a whole. */
  readonly placement?: Placement;
  /** False where time or runs were used up before all had been looked at. */
  readonly isComplete: boolean;
  readonly simulations: number;
}

export interface ExactLimits {
  /** Whether time is up; asked again and again. */
  readonly isOver: () => boolean;
  readonly mostSimulations: number;
}

/**
 * Looks for a placement on exactly these machines, all of them in use: every way to divide their GPUs, every set of
 * devices for each model, with one choice of options for all replicas of a model. Models are added one
 * by one, the largest first, and each part is simulated as a whole: where the models so far break a
 * SLO, further ones do not help.
 */
export function exactPlacement(
  problem: PlanProblem,
  counts: MachineCounts,
  limits: ExactLimits,
): ExactAnswer {
  const search = new ExactSearch(problem, limits);
  const gpus = counts.reduce((sum, count, kind) => sum + count * problem.machines[kind]!.gpus, 0);
  const incomplete = () => ({ isComplete: false, simulations: search.simulations });
  if (gpus > MOST_GPUS) return incomplete();
  for (const empty of divisions(problem, counts)) {
    const placement = search.place(empty);
    if (placement !== undefined) return { placement, isComplete: true, simulations: search.simulations };
    if (search.isOver()) return incomplete();
  }
  return { isComplete: true, simulations: search.simulations };
}

/** On more GPUs there are too many sets of them to look at. */
const MOST_GPUS = 10;
/** Choices looked at, simulated or not, so that a search which the clock does not end has an end. */
const MOST_STEPS = 100_000;

class ExactSearch {
  simulations = 0;
  #steps = 0;
  readonly #problem: PlanProblem;
  readonly #limits: ExactLimits;
  readonly #order: readonly number[];
  readonly #meets = new Map<string, boolean>();

  constructor(problem: PlanProblem, limits: ExactLimits) {
    this.#problem = problem;
    this.#limits = limits;
    this.#order = bySize(problem);
  }

  /** Whether choices, time or runs are used up: too few runs are left for a placement on every day. */
  isOver(): boolean {
    const { isOver, mostSimulations } = this.#limits;
    const runs = this.simulations + this.#problem.days.length;
    return this.#steps > MOST_STEPS || runs > mostSimulations || isOver();
  }

  /** The empty slots of a placement filled with all models, or undefined. */
  place(placement: Placement, at = 0): Placement | undefined {
    this.#steps++;
    if (!this.#mayFill(placement, this.#order.length - at)) return undefined;
    if (at === this.#order.length) return this.#isGood(placement) ? placement : undefined;
    const workload = this.#order[at]!;
    for (const option of this.#problem.options) {
      for (const slots of this.#devicesFor(placement, workload, option)) {
        for (const { placement: before, chosen } of this.#ordersOf(placement, slots)) {
          this.#steps++;
          if (this.isOver()) return undefined;
          const more = withModel(before, chosen, this.#modelReplica(before, workload, chosen, option));
          if (!this.#meetsAll(more)) continue;
          const whole = this.place(more, at + 1);
          if (whole !== undefined) return whole;
        }
      }
    }
    return undefined;
  }

  /**
   * Whether so many further models can put every machine to use. One that serves nothing is paid for all the same:
   * what the others do was looked at without it, and only other random numbers could make a difference.
   */
  #mayFill({ machines }: Placement, models: number): boolean {
    const idle = machines.filter(({ gpus }) =>
      gpus.flat().every(({ modelReplicas }) => modelReplicas.length === 0),
    );
    return idle.length <= models * this.#problem.spec.mostReplicas;
  }

  /** Where a failure counts, every set of slots is looked at, and with it every order. */
  #ordersOf(placement: Placement, chosen: readonly number[]): Iterable<Choosing> {
    const choosing = { placement, chosen };
    return this.#problem.spec.survive === 'nothing' ? turnOrders(choosing) : [choosing];
  }

  /**
   * Sets of slots, by their running numbers; of slots with equal content the first ones are taken, where it does not
   * count which of them are lost together. Replicas of a model are not equal: each gets other requests.
   */
  #devicesFor(placement: Placement, workload: number, option: ServingOption): readonly (readonly number[])[] {
    const { slotKinds, workloads, spec } = this.#problem;
    const units = unitsOf(spec.survive, placement);
    const placed = placedSlots(placement);
    const able = [...placed.keys()].filter((i) => {
      const { kind, modelReplicas } = placed[i]!.slot;
      const isServed = workloads[workload]!.profiles[kind] !== undefined;
      return isServed && modelReplicas.length < slotKinds[kind]!.mostModels;
    });
    const groups = groupBy(able, (i) => `${units[i]!}: ${placedSlotKey(placed[i]!)}`);
    const least = leastReplicas(spec.survive);
    const sets = [...groups.values()].reduce<readonly (readonly number[])[]>(
      (chosen, group) =>
        chosen.flatMap((set) =>
          Array.from({ length: group.length + 1 }, (_, n) => [...set, ...group.slice(0, n)]),
        ),
      [[]],
    );
    return sets
      .filter(({ length }) => length >= Math.max(1, least) && length <= spec.mostReplicas)
      .filter((set) => {
        const slots = slotsOf(
          withModel(placement, set, this.#modelReplica(placement, workload, set, option)),
        );
        return set.every((i) => !isInfeasible(this.#problem, slots[i]!));
      })
      .sort((a, b) => a.length - b.length);
  }

  #modelReplica(
    placement: Placement,
    workload: number,
    chosen: readonly number[],
    option: ServingOption,
  ): ModelReplica {
    const modelReplica = { workload, replicas: chosen.length, option };
    if (this.#problem.spec.survive === 'nothing') return modelReplica;
    const units = unitsOf(this.#problem.spec.survive, placement);
    const perFaultDomain = Math.max(
      ...chosen.map((slot) => chosen.filter((other) => units[other] === units[slot]).length),
    );
    return perFaultDomain > 1 ? { ...modelReplica, perFaultDomain } : modelReplica;
  }

  /** Where there is no SLO, whether it keeps up is a verdict on the whole run. */
  #isGood(placement: Placement): boolean {
    if (this.#problem.spec.tenants.every(({ slo }) => slo !== undefined)) return true;
    if (this.isOver()) return false;
    return this.#always(placement, (left, day) => meetsAll(evaluate(this.#problem, left, day)));
  }

  #meetsAll(placement: Placement): boolean {
    const key = this.#keyOf(placement);
    const known = this.#meets.get(key);
    if (known !== undefined) return known;
    const meets = this.#always(placement, (left, day) =>
      meetsSlos(placementScenario(this.#problem, left, day)),
    );
    this.#meets.set(key, meets);
    return meets;
  }

  /**
   * Names what is simulated, which replica of a model is where included: each gets other requests, and other ones
   * take over after a failure. Then it counts too which slots are on one GPU and machine.
   */
  #keyOf(placement: Placement): string {
    const keys = placedSlots(placement).map(placedSlotKey);
    if (this.#problem.spec.survive === 'nothing') return keys.sort().join(';');
    let next = 0;
    const machines = placement.machines.map(({ kind, gpus }) => {
      const contents = gpus.map((slots) =>
        slots
          .map(() => keys[next++]!)
          .sort()
          .join(';'),
      );
      return `${kind}: ${contents.sort().join(' / ')}`;
    });
    return machines.sort().join(' // ');
  }

  /** Whether something is so on every day, and after every failure where one is to be survived. */
  #always(placement: Placement, isSo: (left: Placement, day: Day) => boolean): boolean {
    const used = withoutIdle(placement);
    const failures = failuresOf(this.#problem, used);
    const left = failures.flatMap((failure) => failure.left ?? []);
    if (left.length < failures.length) return false;
    return this.#problem.days.every((day) =>
      [used, ...left].every((one) => {
        this.simulations++;
        return isSo(one, day);
      }),
    );
  }
}

/** Of each slot the number of what is lost with it; all the same where nothing is lost. */
function unitsOf(survive: Survive, { machines }: Placement): number[] {
  let gpuNumber = 0;
  return machines.flatMap(({ gpus }, machine) =>
    gpus.flatMap((slots) => {
      gpuNumber++;
      const unit = { nothing: 0, machine, gpu: gpuNumber }[survive];
      return slots.map(() => unit);
    }),
  );
}

function withModel(placement: Placement, chosen: readonly number[], modelReplica: ModelReplica): Placement {
  return mapSlots(placement, (slot, place) => (chosen.includes(place) ? withAlso(slot, modelReplica) : slot));
}

/** The placement without devices that serve nothing; machines stay, as they are paid for. */
export function withoutIdle({ machines }: Placement): Placement {
  return {
    machines: machines.map((machine) => ({
      ...machine,
      gpus: machine.gpus
        .map((slots) => slots.filter(({ modelReplicas }) => modelReplicas.length > 0))
        .filter(({ length }) => length > 0),
    })),
  };
}

/** Workloads by their share of the device that they suit best, the largest first. */
function bySize(problem: PlanProblem): number[] {
  const { workloads, slotKinds, options } = problem;
  const shares = workloads.map((_, workload) =>
    Math.min(
      ...slotKinds.flatMap((_, kind) =>
        options.map((option) =>
          slotShare(problem, { kind, modelReplicas: [{ workload, replicas: 1, option }] }),
        ),
      ),
    ),
  );
  return [...workloads.keys()].sort((a, b) => shares[b]! - shares[a]!);
}
