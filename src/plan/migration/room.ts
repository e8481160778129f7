import type { ModelReplica, PlacedGpu, Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { placesFor, withSlotAt } from '../search/neighbours.js';
import { hasEachOnce, withAlso } from '../search/packing/exchange.js';
import { hasRoomFor } from '../spread.js';

/** Placements with a replica on a device that serves other models and may take it, the emptiest first. */
export function besideOthers(
  problem: PlanProblem,
  placement: Placement,
  modelReplica: ModelReplica,
): Placement[] {
  return placesFor(problem, placement, modelReplica)
    .map(({ place, slot }) => ({ place, slot: withAlso(slot, modelReplica) }))
    .filter(({ slot }) => hasEachOnce(slot))
    .map(({ place, slot }) => withSlotAt(placement, place, slot));
}

export function loneSlots(slots: readonly Slot[]): Slot[] {
  return slots.flatMap(({ kind, modelReplicas }) =>
    modelReplicas.map((modelReplica) => ({ kind, modelReplicas: [modelReplica] })),
  );
}

/** Placements with a slot on a GPU, or as a slice of one, that a machine has besides those in use: nothing more is rented. */
export function onIdleDevices(problem: PlanProblem, { machines }: Placement, slot: Slot): Placement[] {
  const machineKind = problem.slotKinds[slot.kind]!.machine;
  const { gpus: size, layouts } = problem.machines[machineKind]!;
  return machines.flatMap(({ kind, gpus }, m) => {
    if (kind !== machineKind) return [];
    const withGpus = (changed: readonly PlacedGpu[]): Placement => ({
      machines: machines.map((machine, i) => (i === m ? { kind, gpus: changed } : machine)),
    });
    const sliced = gpus.flatMap((gpu, g) => {
      const slots = [...gpu, slot];
      const isPossible = layouts.some((layout) => hasRoomFor(layout, slots));
      return isPossible ? [withGpus(gpus.with(g, slots))] : [];
    });
    const idle = gpus.length < size ? [withGpus([...gpus, [slot]])] : [];
    return [...sliced, ...idle];
  });
}
