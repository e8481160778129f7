import { isBesideGpu, type ModelReplica, type Slot } from './placement.js';
import { type PlanProblem, partsOf, type Workload } from './problem-setting.js';
import { optionsThatHold } from './screen.js';
import { instancesOf } from './serving.js';

/** Whether the models that are known to need memory fit, and no engine is beside others that may need all of it. */
export function fitsMemory(problem: PlanProblem, slot: Slot): boolean {
  if (replicasOnGpu(problem, slot).length > 1 && hasUnknownEngine(problem, slot)) return false;
  return neededMb(problem, slot) <= problem.slotKinds[slot.kind]!.memoryMb;
}

/** Those of a slot that do not run on the cores beside its GPU with all their models. */
export function replicasOnGpu({ workloads, slotKinds }: PlanProblem, { kind, modelReplicas }: Slot) {
  return modelReplicas.filter(({ workload }) =>
    partsOf(workloads[workload]!).some(({ profiles }) => {
      const profile = profiles[kind];
      return profile === undefined || !isBesideGpu(slotKinds[kind]!, profile);
    }),
  );
}

/** Engines take all memory that is left for their KV cache: one of which nobody says how much that is leaves nothing to others. */
function hasUnknownEngine({ workloads }: PlanProblem, { kind, modelReplicas }: Slot): boolean {
  return modelReplicas.some(({ workload }) =>
    partsOf(workloads[workload]!).some(
      ({ engine, memoryMb, profiles }) =>
        engine !== undefined && memoryMb === undefined && profiles[kind]?.memory.known !== true,
    ),
  );
}

/** The share of a slot's memory that its models are known to need. */
export function memoryShare(problem: PlanProblem, slot: Slot): number {
  return neededMb(problem, slot) / problem.slotKinds[slot.kind]!.memoryMb;
}

/** MiB that the models of a slot take, as far as it is known. */
export function neededMb(problem: PlanProblem, { kind, modelReplicas }: Slot): number {
  const { workloads } = problem;
  return modelReplicas.reduce(
    (sum, { workload, ...replica }) => sum + replicaMb(problem, workloads[workload]!, kind, replica),
    0,
  );
}

/** MiB of one replica, of which 0 are counted where they are not known. */
function replicaMb(
  { slotKinds, spec }: PlanProblem,
  workload: Workload,
  kind: number,
  replica: Omit<ModelReplica, 'workload'>,
): number {
  return partsOf(workload).reduce((sum, part) => {
    const { profiles, memoryMb } = part;
    const profile = profiles[kind];
    if (profile === undefined || isBesideGpu(slotKinds[kind]!, profile)) return sum;
    const { modelMb, perInstanceMb, known } = profile.memory;
    const instances = instancesOf(spec.survive, workload, part, replica);
    return sum + (memoryMb ?? (known ? modelMb + perInstanceMb * instances : 0));
  }, 0);
}

/** What a replica takes at least of a slot's memory, as far as it is known. */
export function leastMemoryMb(problem: PlanProblem, workload: Workload, kind: number): number {
  // The more replicas, the fewer instances each has for its sequences.
  return Math.min(
    ...optionsThatHold(problem, workload).map((option) =>
      replicaMb(problem, workload, kind, { replicas: Infinity, option }),
    ),
  );
}
