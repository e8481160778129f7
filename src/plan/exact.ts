import { isCovered, slotShare } from './columns.js';
import { evaluate, keepsAll, placementScenario } from './evaluate.js';
import { isHopeless } from './hopeless.js';
import { machineCost } from './master.js';
import { type Piece, type Placement, type ServingOption, type Slot, slotKey } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { leastReplicas } from './replicas.js';
import { keepsPromises } from './verdict.js';

/** Machines by kind: `counts[k]` of kind k. */
export type MachineCounts = readonly number[];

/**
 * Sets of machines whose goal lies between the two values, cheapest first; undefined where there are
 * more than `most`.
 */
export function machineSets(
  problem: PlanProblem,
  { from, below, most }: { readonly from: number; readonly below: number; readonly most: number },
): readonly MachineCounts[] | undefined {
  const found: { readonly counts: MachineCounts; readonly goal: number }[] = [];
  const isWithin = extend([], 0);
  if (!isWithin) return undefined;
  return found.sort((a, b) => a.goal - b.goal).map(({ counts }) => counts);

  function extend(counts: readonly number[], goal: number): boolean {
    if (counts.length === problem.machines.length) {
      if (goal > 0 && goal >= from - TIE) found.push({ counts, goal });
      return found.length <= most;
    }
    const kind = counts.length;
    const cost = machineCost(problem, kind);
    for (let count = 0; count <= problem.machines[kind]!.limit; count++) {
      const more = goal + count * cost;
      if (more >= below - TIE || count > MOST_MACHINES) break;
      if (!extend([...counts, count], more)) return false;
    }
    return true;
  }
}

/** Differences of goals below this are none. */
const TIE = 1e-9;
/** Of one kind, where machines cost nothing. */
const MOST_MACHINES = 64;

/** What the search through all placements on given machines found. */
export interface ExactAnswer {
  /** Keeps every promise, simulated as a whole. */
  readonly placement?: Placement;
  /** False where time or runs were used up before all had been looked at. */
  readonly isComplete: boolean;
  readonly simulations: number;
}

/**
 * Looks for a placement on exactly these machines: every way to divide their GPUs, every set of
 * devices for each model, with one choice of options for all replicas of a model. Models are added one
 * by one, the largest first, and each part is simulated as a whole: where the models so far break a
 * promise, further ones do not help.
 */
export function exactPlacement(
  problem: PlanProblem,
  counts: MachineCounts,
  isOver: (simulations: number) => boolean,
): ExactAnswer {
  const search = new ExactSearch(problem, isOver);
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
  readonly #isTimeOver: (simulations: number) => boolean;
  readonly #order: readonly number[];
  readonly #keeps = new Map<string, boolean>();

  constructor(problem: PlanProblem, isOver: (simulations: number) => boolean) {
    this.#problem = problem;
    this.#isTimeOver = isOver;
    this.#order = bySize(problem);
  }

  /** Whether choices, time or runs are used up. */
  isOver(): boolean {
    return this.#steps > MOST_STEPS || this.#isTimeOver(this.simulations);
  }

  /** The empty slots of a placement filled with all models, or undefined. */
  place(placement: Placement, at = 0): Placement | undefined {
    this.#steps++;
    if (at === this.#order.length) return this.#isGood(placement) ? placement : undefined;
    const demand = this.#order[at]!;
    for (const option of this.#problem.options) {
      for (const chosen of this.#devicesFor(placement, demand, option)) {
        this.#steps++;
        if (this.isOver()) return undefined;
        const more = withModel(placement, chosen, { demand, replicas: chosen.length, option });
        if (!this.#keepsAll(more)) continue;
        const whole = this.place(more, at + 1);
        if (whole !== undefined) return whole;
      }
    }
    return undefined;
  }

  /** Sets of slots, by their running numbers; of slots with equal content the first ones are taken. */
  #devicesFor(placement: Placement, demand: number, option: ServingOption): readonly (readonly number[])[] {
    const { slotKinds, demands, spec } = this.#problem;
    const groups = new Map<string, number[]>();
    for (const [i, slot] of allSlots(placement).entries()) {
      if (demands[demand]!.profiles[slot.kind] === undefined) continue;
      if (slot.pieces.length >= slotKinds[slot.kind]!.mostModels) continue;
      const key = slotKey(slot);
      groups.set(key, [...(groups.get(key) ?? []), i]);
    }
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
        const slots = allSlots(withModel(placement, set, { demand, replicas: set.length, option }));
        return set.every((i) => !isHopeless(this.#problem, slots[i]!));
      })
      .sort((a, b) => a.length - b.length);
  }

  /** Where nothing is promised, whether it keeps up is a verdict on the whole run. */
  #isGood(placement: Placement): boolean {
    const { spec, days } = this.#problem;
    if (spec.tenants.every(({ slo }) => slo !== undefined)) return true;
    return days.every((day) => keepsAll(evaluate(this.#problem, withoutIdle(placement), day)));
  }

  #keepsAll(placement: Placement): boolean {
    const key = allSlots(placement).map(slotKey).sort().join(';');
    const known = this.#keeps.get(key);
    if (known !== undefined) return known;
    const keeps = this.#problem.days.every((day) => {
      this.simulations++;
      return keepsPromises(placementScenario(this.#problem, withoutIdle(placement), day));
    });
    this.#keeps.set(key, keeps);
    return keeps;
  }
}

function allSlots({ machines }: Placement): readonly Slot[] {
  return machines.flatMap(({ gpus }) => gpus.flatMap(({ slots }) => slots));
}

function withModel(placement: Placement, chosen: readonly number[], piece: Piece): Placement {
  let next = 0;
  return {
    machines: placement.machines.map((machine) => ({
      ...machine,
      gpus: machine.gpus.map((gpu) => ({
        ...gpu,
        slots: gpu.slots.map((slot) =>
          chosen.includes(next++) ? { ...slot, pieces: [...slot.pieces, piece] } : slot,
        ),
      })),
    })),
  };
}

/** The placement without devices that serve nothing; machines stay, as they are paid for. */
export function withoutIdle({ machines }: Placement): Placement {
  return {
    machines: machines.map((machine) => ({
      ...machine,
      gpus: machine.gpus
        .map((gpu) => ({ ...gpu, slots: gpu.slots.filter(({ pieces }) => pieces.length > 0) }))
        .filter(({ slots }) => slots.length > 0),
    })),
  };
}

/** Demands by their share of the device that they suit best, the largest first. */
function bySize({ demands, slotKinds, options, ...rest }: PlanProblem): number[] {
  const problem = { demands, slotKinds, options, ...rest };
  const share = (demand: number) =>
    Math.min(
      ...slotKinds.flatMap((_, kind) =>
        options.map((option) => slotShare(problem, { kind, pieces: [{ demand, replicas: 1, option }] })),
      ),
    );
  return demands
    .map((_, demand) => ({ demand, share: share(demand) }))
    .sort((a, b) => b.share - a.share || a.demand - b.demand)
    .map(({ demand }) => demand);
}

/** Every way to divide the GPUs of the machines, with empty slots. */
function* divisions(problem: PlanProblem, counts: MachineCounts): Generator<Placement> {
  const kinds = counts.flatMap((count, kind) => Array.from({ length: count }, () => kind));
  const waysOf = problem.machines.map(({ wholeSlots, layouts }) => [
    ...wholeSlots.filter((slot) => !isCovered(problem, slot)).map((slot) => [slot]),
    ...layouts,
  ]);
  const gpus = kinds.flatMap((kind, machine) =>
    Array.from({ length: problem.machines[kind]!.gpus }, () => ({ kind, machine })),
  );
  yield* divide([]);

  /** GPUs of one kind are divided in ascending ways, so that no set of ways comes twice. */
  function* divide(ways: readonly number[]): Generator<Placement> {
    const at = ways.length;
    if (at === gpus.length) {
      yield built(ways);
      return;
    }
    const sameKind = at > 0 && gpus[at - 1]!.kind === gpus[at]!.kind;
    for (let way = sameKind ? ways[at - 1]! : 0; way < waysOf[gpus[at]!.kind]!.length; way++) {
      yield* divide([...ways, way]);
    }
  }

  function built(ways: readonly number[]): Placement {
    return {
      machines: kinds.map((kind, machine) => ({
        kind,
        gpus: gpus.flatMap((gpu, g) =>
          gpu.machine === machine
            ? [
                {
                  machineKind: kind,
                  slots: waysOf[kind]![ways[g]!]!.map((slot) => ({ kind: slot, pieces: [] })),
                },
              ]
            : [],
        ),
      })),
    };
  }
}
