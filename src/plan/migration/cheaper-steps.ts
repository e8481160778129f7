import { machineCost } from '../goal.js';
import { fitsMemory } from '../memory.js';
import {
  type ModelReplica,
  type PlacedGpu,
  type Placement,
  type Slot,
  slotsOf,
  workloadsOn,
} from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { oneReplicaLess, replicasOf, shareOfMachine } from '../search/neighbours.js';
import { onKinds } from '../search/packing/exchange.js';
import { besideOthers, loneSlots, onIdleDevices } from './room.js';

/** Machines that are looked at to be given up: those with the fewest models to move. */
const MOST_MACHINES = 12;
/** Ways to divide the models of one among the others. */
const MOST_WAYS = 8;

/**
 * Placements near this one that cost less: without one of the machines, its models divided among the others in several
 * ways, or with a machine's models on one of a cheaper kind. Nothing says that SLOs are still met.
 */
export function cheaperSteps(problem: PlanProblem, placement: Placement): Placement[] {
  const machines = placement.machines
    .map((machine, index) => ({ machine, index, lone: loneReplicas(placement, index).length }))
    .sort(
      (a, b) => a.lone - b.lone || shareOfMachine(problem, a.machine) - shareOfMachine(problem, b.machine),
    );
  return [
    ...machines.slice(0, MOST_MACHINES).flatMap(({ index }) => withoutMachine(problem, placement, index)),
    ...machines.flatMap(({ index }) => onCheaperKinds(problem, placement, index)),
  ];
}

function loneReplicas({ machines }: Placement, index: number): ModelReplica[] {
  const elsewhere = workloadsOn(slotsOf({ machines: machines.filter((_, i) => i !== index) }));
  return replicasOf({ machines }, index).filter(({ workload }) => !elsewhere.has(workload));
}

function withoutMachine(problem: PlanProblem, placement: Placement, index: number): Placement[] {
  const rest = { machines: placement.machines.filter((_, i) => i !== index) };
  if (rest.machines.length === 0) return [];
  return loneSlots(slotsOf({ machines: [placement.machines[index]!] })).reduce<Placement[]>(
    (ways, slot) => ways.flatMap((way) => takenOver(problem, way, slot)).slice(0, MOST_WAYS),
    [rest],
  );
}

/**
 * What other replicas do without anything being moved, and else each device that may, idle ones last. Where a failure is to be
 * survived both: there may be no replica less.
 */
function takenOver(problem: PlanProblem, placement: Placement, slot: Slot): Placement[] {
  const modelReplica = slot.modelReplicas[0]!;
  const without = oneReplicaLess(placement, modelReplica);
  if (without !== undefined && problem.spec.survive === 'nothing') return [without];
  const moved = [
    ...besideOthers(problem, placement, modelReplica).slice(0, MOST_WAYS),
    ...onIdleDevices(problem, placement, slot),
  ];
  // Each with as many replicas as there are then.
  return [
    ...(without === undefined ? [] : [without]),
    ...moved.map((way) => oneReplicaLess(way, modelReplica)!),
  ];
}

function onCheaperKinds(problem: PlanProblem, { machines }: Placement, index: number): Placement[] {
  const { kind, gpus } = machines[index]!;
  return problem.machines.flatMap((other, k) => {
    const isCheaper = machineCost(problem, k) < machineCost(problem, kind);
    const used = machines.filter((machine) => machine.kind === k).length;
    if (!isCheaper || used >= other.limit || gpus.length > other.gpus) return [];
    const moved = gpus.map((gpu) => onMachine(problem, gpu, k));
    if (!moved.every((gpu) => gpu !== undefined)) return [];
    return [{ machines: machines.map((machine, i) => (i === index ? { kind: k, gpus: moved } : machine)) }];
  });
}

/** What a GPU serves on one of another kind of machine, shared in the same way where that may be. */
function onMachine(
  problem: PlanProblem,
  [first, ...more]: PlacedGpu,
  machineKind: number,
): PlacedGpu | undefined {
  if (first === undefined || more.length > 0) return undefined;
  const modeOf = (kind: number) => problem.slotKinds[kind]!.mode;
  const able = onKinds(problem, first, problem.machines[machineKind]!.wholeSlots).filter((slot) =>
    fitsMemory(problem, slot),
  );
  const slot = able.find(({ kind }) => modeOf(kind) === modeOf(first.kind)) ?? able[0];
  return slot && [slot];
}
