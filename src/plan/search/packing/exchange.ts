import { type ModelReplica, type Slot, workloadsOn } from '../../placement.js';
import type { PlanProblem } from '../../problem-setting.js';

/** What two slots become when they exchange models. */
export interface Exchanged {
  readonly left: Slot;
  readonly right: Slot;
}

/** One model goes from the first to the second. */
export function moved(from: Slot, to: Slot): Exchanged[] {
  return from.modelReplicas.map((modelReplica) => ({
    left: without(from, modelReplica),
    right: withAlso(to, modelReplica),
  }));
}

/** One model of each takes the other's place. */
export function swapped(a: Slot, b: Slot): Exchanged[] {
  return a.modelReplicas.flatMap((own) =>
    b.modelReplicas.map((other) => ({
      left: withAlso(without(a, own), other),
      right: withAlso(without(b, other), own),
    })),
  );
}

export function withAlso(slot: Slot, modelReplica: ModelReplica): Slot {
  return { ...slot, modelReplicas: [...slot.modelReplicas, modelReplica] };
}

export function without(slot: Slot, modelReplica: ModelReplica): Slot {
  return { ...slot, modelReplicas: slot.modelReplicas.filter((other) => other !== modelReplica) };
}

/** Whether no model is there twice. */
export function hasEachOnce(slot: Slot): boolean {
  return workloadsOn([slot]).size === slot.modelReplicas.length;
}

/** What a slot serves on those of these kinds that take so many models, of which each has a profile for it. */
export function onKinds(
  { slotKinds, workloads }: PlanProblem,
  { modelReplicas }: Slot,
  kinds: readonly number[],
): Slot[] {
  return kinds
    .filter(
      (kind) =>
        modelReplicas.length <= slotKinds[kind]!.mostModels &&
        modelReplicas.every(({ workload }) => workloads[workload]!.profiles[kind] !== undefined),
    )
    .map((kind) => ({ kind, modelReplicas }));
}
