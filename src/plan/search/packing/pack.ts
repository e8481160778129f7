import type { Random } from '../../../base/random.js';
import { memoryShare } from '../../memory.js';
import { countOn, type ModelReplica, type Slot, withReplicas } from '../../placement.js';
import type { PlanProblem } from '../../problem-setting.js';
import { type AloneTable, mayHold, replicaShare, slotShare } from '../columns.js';
import type { SlotFeasibility } from '../slot-feasibility.js';
import { withAlso, without } from './exchange.js';

/** How a packing is made. */
export interface PackOptions {
  /** Most screened device time on a device; simulation may still refuse less. */
  readonly fill: number;
  /** Where given, models are taken in an order disturbed by chance. */
  readonly random?: Random;
  /** Checks what a device would serve; absent = the screen alone. */
  readonly feasibility?: SlotFeasibility;
  /** Whether time or runs are used up. */
  readonly isOver: () => boolean;
}

/** Devices of one kind on which simulation is asked before another device is opened. */
const DEVICES_TRIED = 3;

/** More replicas than needed that are tried when a model fits nowhere whole. */
const FURTHER_REPLICAS = 3;

/**
 * Packs models on devices of one kind: the largest share of time or of memory first, each where it leaves the least room
 * (best fit decreasing). A model that fits on no open device is tried in more, smaller replicas before
 * a device is opened.
 */
export function packShared(
  problem: PlanProblem,
  workloads: readonly number[],
  kind: number,
  alone: AloneTable,
  options: PackOptions,
): readonly Slot[] {
  const slots: Slot[] = [];
  for (const workload of orderBySize(problem, workloads, kind, alone, options.random)) {
    const { replicas, option } = alone[workload]![kind]!;
    if (placeInOpen(problem, slots, { workload, replicas, option }, options)) continue;
    if (splitIntoOpen(problem, slots, { workload, replicas, option }, options)) continue;
    placeAnywhere(problem, slots, kind, { workload, replicas, option }, options);
  }
  return slots;
}

/**
 * Lets simulation check every device of a packing: where SLOs are violated, models are taken off
 * until they are met, and put on the devices with most room, on a new one if need be. A model that
 * violates its SLO alone gets another replica. Once time is up, devices known to fail are divided in two, of
 * which nothing is known yet.
 */
export function repairPacking(
  problem: PlanProblem,
  packed: readonly Slot[],
  options: PackOptions & { readonly feasibility: SlotFeasibility },
): readonly Slot[] {
  const { feasibility, isOver } = options;
  const slots: Slot[] = [];
  const homeless: { readonly kind: number; readonly modelReplica: ModelReplica }[] = [];
  const fails = (slot: Slot) =>
    feasibility.isForbidden(slot) || (!isOver() && !feasibility.seemsToMeet(slot));
  for (const slot of packed) {
    let rest = slot;
    while (rest.modelReplicas.length > 1 && fails(rest)) {
      if (isOver()) {
        const [first, second] = inHalves(problem, rest);
        slots.push(second);
        rest = first;
        break;
      }
      const modelReplica = replicaToRemove(problem, rest, feasibility);
      homeless.push({ kind: rest.kind, modelReplica });
      rest = without(rest, modelReplica);
    }
    slots.push(rest);
  }
  const size = ({ kind, modelReplica }: (typeof homeless)[number]) =>
    replicaShare(problem, kind, modelReplica);
  for (const { kind, modelReplica } of homeless.sort((a, b) => size(b) - size(a))) {
    const [first] = openSlotsFor(problem, slots, modelReplica, options, { most: 1, first: 'emptiest' });
    if (first === undefined) slots.push({ kind, modelReplicas: [modelReplica] });
    else slots[first] = withAlso(slots[first]!, modelReplica);
  }
  const lone = slots.filter((slot) => slot.modelReplicas.length === 1 && fails(slot));
  return lone.reduce((all, slot) => withAnotherReplica(problem, all, slot), slots);
}

/** Two devices with half of the models each, and about half of what they take. */
export function inHalves(problem: PlanProblem, slot: Slot): readonly [Slot, Slot] {
  const share = (modelReplica: ModelReplica) => replicaShare(problem, slot.kind, modelReplica);
  const modelReplicas = [...slot.modelReplicas].sort((a, b) => share(b) - share(a));
  // As teams are chosen: one, two, two, two.
  const isFirst = (_: ModelReplica, i: number) => i % 4 === 0 || i % 4 === 3;
  const half = (isOwn: (modelReplica: ModelReplica, i: number) => boolean): Slot => ({
    ...slot,
    modelReplicas: modelReplicas.filter(isOwn),
  });
  return [half(isFirst), half((modelReplica, i) => !isFirst(modelReplica, i))];
}

/** One replica more of a slot's only model, on a device of its own; nothing where there may be no more. */
function withAnotherReplica(problem: PlanProblem, slots: Slot[], { kind, modelReplicas }: Slot): Slot[] {
  const [modelReplica] = modelReplicas;
  const now = countOn(slots, modelReplica!.workload);
  // Several replicas may fail; each would ask for another one.
  if (now >= problem.spec.mostReplicas || now > modelReplica!.replicas) return slots;
  const changed = { ...modelReplica!, replicas: now + 1 };
  const others = slots.map((slot) => withReplicas(slot, changed.workload, changed.replicas));
  return [...others, { kind, modelReplicas: [changed] }];
}

/**
 * The smallest model without which the others meet their SLOs; where there is none, the one with
 * the tightest limit, which suffers most from company.
 */
function replicaToRemove(problem: PlanProblem, slot: Slot, feasibility: SlotFeasibility): ModelReplica {
  const ascending = [...slot.modelReplicas].sort(
    (a, b) => replicaShare(problem, slot.kind, a) - replicaShare(problem, slot.kind, b),
  );
  const enough = ascending.find((modelReplica) => feasibility.seemsToMeet(without(slot, modelReplica)));
  if (enough !== undefined) return enough;
  const limitMs = ({ workload }: ModelReplica) => problem.workloads[workload]!.limitMs;
  return ascending.reduce((a, b) => (limitMs(b) < limitMs(a) ? b : a));
}

function orderBySize(
  problem: PlanProblem,
  workloads: readonly number[],
  kind: number,
  alone: AloneTable,
  random: Random | undefined,
): number[] {
  const size = (workload: number) => {
    const { replicas, option } = alone[workload]![kind]!;
    const modelReplica = { workload, replicas, option };
    const share = Math.max(
      replicaShare(problem, kind, modelReplica),
      memoryShare(problem, { kind, modelReplicas: [modelReplica] }),
    );
    return random === undefined ? share : share * (0.6 + 0.8 * random.next());
  };
  return workloads
    .map((workload) => ({ workload, size: size(workload) }))
    .sort((a, b) => b.size - a.size || a.workload - b.workload)
    .map(({ workload }) => workload);
}

/** All replicas on open devices, or none. */
function placeInOpen(
  problem: PlanProblem,
  slots: Slot[],
  modelReplica: ModelReplica,
  options: PackOptions,
): boolean {
  const chosen = openSlotsFor(problem, slots, modelReplica, options);
  if (chosen.length < modelReplica.replicas) return false;
  for (const i of chosen) slots[i] = withAlso(slots[i]!, modelReplica);
  return true;
}

function splitIntoOpen(
  problem: PlanProblem,
  slots: Slot[],
  modelReplica: ModelReplica,
  options: PackOptions,
): boolean {
  const most = Math.min(problem.spec.mostReplicas, modelReplica.replicas + FURTHER_REPLICAS, slots.length);
  for (let replicas = modelReplica.replicas + 1; replicas <= most; replicas++) {
    if (placeInOpen(problem, slots, { ...modelReplica, replicas }, options)) return true;
  }
  return false;
}

/** On open devices as far as they take it, the rest on new ones. */
function placeAnywhere(
  problem: PlanProblem,
  slots: Slot[],
  kind: number,
  modelReplica: ModelReplica,
  options: PackOptions,
): void {
  const chosen = openSlotsFor(problem, slots, modelReplica, options);
  for (const i of chosen) slots[i] = withAlso(slots[i]!, modelReplica);
  for (let i = chosen.length; i < modelReplica.replicas; i++)
    slots.push({ kind, modelReplicas: [modelReplica] });
}

/** Which devices are asked. */
interface Asked {
  /** Devices wanted. Default: as many as the replica has replicas. */
  readonly most?: number;
  /** Default: the fullest. */
  readonly first?: 'fullest' | 'emptiest';
}

/** Devices that take a replica. */
function openSlotsFor(
  problem: PlanProblem,
  slots: readonly Slot[],
  modelReplica: ModelReplica,
  { fill, feasibility, isOver }: PackOptions,
  { most = modelReplica.replicas, first = 'fullest' }: Asked = {},
): number[] {
  const chosen: number[] = [];
  let refused = 0;
  const fullest = bestFitFirst(problem, slots, modelReplica);
  for (const i of first === 'fullest' ? fullest : fullest.reverse()) {
    if (chosen.length === most) break;
    const slot = slots[i]!;
    if (slot.modelReplicas.length >= problem.slotKinds[slot.kind]!.mostModels) continue;
    if (countOn([slot], modelReplica.workload) > 0) continue;
    const more = withAlso(slot, modelReplica);
    if (!mayHold(problem, more, fill)) continue;
    if (feasibility !== undefined) {
      if (refused >= DEVICES_TRIED || isOver()) break;
      if (!feasibility.seemsToMeet(more)) {
        refused++;
        continue;
      }
    }
    chosen.push(i);
  }
  return chosen;
}

/**
 * The fullest first; the cycle of a device is that of its tightest limit, so that what a replica of
 * another limit costs beyond its own share counts against it.
 */
function bestFitFirst(problem: PlanProblem, slots: readonly Slot[], modelReplica: ModelReplica): number[] {
  return slots
    .map((slot, i) => {
      const before = slotShare(problem, slot);
      const own = replicaShare(problem, slot.kind, modelReplica);
      const waste = slotShare(problem, withAlso(slot, modelReplica)) - before - own;
      return { i, score: before - WASTE_WEIGHT * waste };
    })
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .map(({ i }) => i);
}

const WASTE_WEIGHT = 4;
