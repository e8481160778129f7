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

/** Whether a kind of slot takes so many models, of which each has a profile for it. */
export function takesAll(
  { slotKinds, workloads }: PlanProblem,
  kind: number,
  modelReplicas: readonly ModelReplica[],
): boolean {
  return (
    modelReplicas.length <= slotKinds[kind]!.mostModels &&
    modelReplicas.every(({ workload }) => workloads[workload]!.profiles[kind] !== undefined)
  );
}
