import type { Random } from '../../../base/random.js';
import { memoryShare } from '../../memory.js';
import { countOn, type ModelReplica, type Slot, withReplicas } from '../../placement.js';
import type { PlanProblem } from '../../problem-setting.js';
import { type AloneTable, mayHold, replicaShare, slotShare } from '../columns.js';
import type { SlotFeasibility } from '../slot-feasibility.js';
import { withAlso, without } from './exchange.js';

interface PackOptions {
  /** Most screened device time on a device; simulation may still refuse less. */
  readonly fill: number;
  /** Where given, models are taken in an order disturbed by chance. */
  readonly random?: Random | undefined;
}

interface RepairOptions extends Pick<PackOptions, 'fill'> {
  readonly feasibility: SlotFeasibility;
  /** Whether time or runs are used up. */
  readonly isOver: () => boolean;
}

/** Devices on which simulation is asked before another device is opened. */
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
  { fill, random }: PackOptions,
): readonly Slot[] {
  const slots: Slot[] = [];
  for (const modelReplica of orderBySize(problem, workloads, kind, alone, random)) {
    if (placeInOpen(problem, slots, modelReplica, fill)) continue;
    if (splitIntoOpen(problem, slots, modelReplica, fill)) continue;
    placeAnywhere(problem, slots, kind, modelReplica, fill);
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
  options: RepairOptions,
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
    const first = emptiestThatHolds(problem, slots, modelReplica, options);
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
): ModelReplica[] {
  const size = (modelReplica: ModelReplica) => {
    const share = Math.max(
      replicaShare(problem, kind, modelReplica),
      memoryShare(problem, { kind, modelReplicas: [modelReplica] }),
    );
    return random === undefined ? share : share * (0.6 + 0.8 * random.next());
  };
  return workloads
    .map((workload) => ({ workload, ...alone[workload]![kind]! }))
    .map((modelReplica) => ({ modelReplica, size: size(modelReplica) }))
    .sort((a, b) => b.size - a.size)
    .map(({ modelReplica }) => modelReplica);
}

/** All replicas on open devices, or none. */
function placeInOpen(problem: PlanProblem, slots: Slot[], modelReplica: ModelReplica, fill: number): boolean {
  const chosen = openSlotsFor(problem, slots, modelReplica, fill);
  if (chosen.length < modelReplica.replicas) return false;
  for (const i of chosen) slots[i] = withAlso(slots[i]!, modelReplica);
  return true;
}

function splitIntoOpen(
  problem: PlanProblem,
  slots: Slot[],
  modelReplica: ModelReplica,
  fill: number,
): boolean {
  const most = Math.min(problem.spec.mostReplicas, modelReplica.replicas + FURTHER_REPLICAS, slots.length);
  for (let replicas = modelReplica.replicas + 1; replicas <= most; replicas++) {
    if (placeInOpen(problem, slots, { ...modelReplica, replicas }, fill)) return true;
  }
  return false;
}

/** On open devices as far as they take it, the rest on new ones. */
function placeAnywhere(
  problem: PlanProblem,
  slots: Slot[],
  kind: number,
  modelReplica: ModelReplica,
  fill: number,
): void {
  const chosen = openSlotsFor(problem, slots, modelReplica, fill);
  for (const i of chosen) slots[i] = withAlso(slots[i]!, modelReplica);
  for (let i = chosen.length; i < modelReplica.replicas; i++)
    slots.push({ kind, modelReplicas: [modelReplica] });
}

/** As many devices as a model has replicas, the fullest of those that take one by the screen. */
function openSlotsFor(
  problem: PlanProblem,
  slots: readonly Slot[],
  modelReplica: ModelReplica,
  fill: number,
): number[] {
  const chosen: number[] = [];
  for (const i of bestFitFirst(problem, slots, modelReplica)) {
    if (chosen.length === modelReplica.replicas) break;
    if (mayTake(problem, slots[i]!, modelReplica, fill)) chosen.push(i);
  }
  return chosen;
}

/** The emptiest device that takes a replica, by simulation too. */
function emptiestThatHolds(
  problem: PlanProblem,
  slots: readonly Slot[],
  modelReplica: ModelReplica,
  { fill, feasibility, isOver }: RepairOptions,
): number | undefined {
  let refused = 0;
  for (const i of bestFitFirst(problem, slots, modelReplica).reverse()) {
    if (!mayTake(problem, slots[i]!, modelReplica, fill)) continue;
    if (refused >= DEVICES_TRIED || isOver()) return undefined;
    if (feasibility.seemsToMeet(withAlso(slots[i]!, modelReplica))) return i;
    refused++;
  }
  return undefined;
}

/** Whether a device has a place for a replica, and room by the screen. */
function mayTake(problem: PlanProblem, slot: Slot, modelReplica: ModelReplica, fill: number): boolean {
  if (slot.modelReplicas.length >= problem.slotKinds[slot.kind]!.mostModels) return false;
  if (countOn([slot], modelReplica.workload) > 0) return false;
  return mayHold(problem, withAlso(slot, modelReplica), fill);
}

/**
 * The fullest first; the cycle of a device is that of its tightest limit, so that what a replica of
 * another limit costs beyond its own share counts against it.
 */
function bestFitFirst(problem: PlanProblem, slots: readonly Slot[], modelReplica: ModelReplica): number[] {
  const scores = slots.map((slot) => {
    const before = slotShare(problem, slot);
    const own = replicaShare(problem, slot.kind, modelReplica);
    const waste = slotShare(problem, withAlso(slot, modelReplica)) - before - own;
    return before - WASTE_WEIGHT * waste;
  });
  return [...slots.keys()].sort((a, b) => scores[b]! - scores[a]!);
}

const WASTE_WEIGHT = 4;
