import type { ModelReplica, Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { placesFor, withSlotAt } from '../search/neighbours.js';
import { hasEachOnce } from '../search/packing/exchange.js';

/** Placements with a replica on a device that serves other models and may take it, the emptiest first. */
export function besideOthers(
  problem: PlanProblem,
  placement: Placement,
  modelReplica: ModelReplica,
): Placement[] {
  return placesFor(problem, placement, modelReplica)
    .map(({ place, slot }) => ({
      place,
      slot: { ...slot, modelReplicas: [...slot.modelReplicas.slice(0, -1), modelReplica] },
    }))
    .filter(({ slot }) => hasEachOnce(slot))
    .map(({ place, slot }) => withSlotAt(placement, place, slot));
}

/** Each model of each slot by itself. */
export function loneSlots(slots: readonly Slot[]): Slot[] {
  return slots.flatMap(({ kind, modelReplicas }) =>
    modelReplicas.map((modelReplica) => ({ kind, modelReplicas: [modelReplica] })),
  );
}
