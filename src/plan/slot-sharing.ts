import { isBesideGpu, type Slot } from './placement.js';
import { type PlanProblem, partsOf, type ServedPart } from './problem-setting.js';
import { instancesOf } from './serving.js';
import type { SharingMode } from './spec.js';

/** A slice, or a GPU for one model, belongs to it alone: its instances run as streams of one process there. */
export function sharingOf(
  problem: PlanProblem,
  slot: Slot,
): SharingMode | { mode: 'mps'; shares: Record<string, number> } {
  const { mode } = problem.slotKinds[slot.kind]!;
  switch (mode) {
    case 'mig':
      return 'streams';
    case 'exclusive':
      return isBesideItself(problem, slot) ? 'streams' : mode;
    case 'streams':
    case 'timeSlices':
      return mode;
    case 'mps': {
      const models = slot.modelReplicas.flatMap(({ workload }) => onGpu(problem, workload, slot.kind));
      return { mode, shares: Object.fromEntries(models.map(({ model }) => [model, 1 / models.length])) };
    }
  }
}

/** Whether a model of the slot has several instances on its GPU, or several models that execute there. */
export function isBesideItself(problem: PlanProblem, { kind, modelReplicas }: Slot): boolean {
  return modelReplicas.some(({ workload: w, ...replica }) => {
    const workload = problem.workloads[w]!;
    const counts = onGpu(problem, w, kind).map((part) =>
      instancesOf(problem.spec.survive, workload, part, replica),
    );
    return counts.reduce((sum, count) => sum + count, 0) > 1;
  });
}

function onGpu({ workloads, slotKinds }: PlanProblem, workload: number, kind: number): readonly ServedPart[] {
  return partsOf(workloads[workload]!).filter(
    ({ profiles }) => !isBesideGpu(slotKinds[kind]!, profiles[kind]!),
  );
}
