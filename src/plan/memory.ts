import type { ModelProfile } from '../profile/profile.js';
import type { ServingOption, Slot } from './placement.js';
import type { PlanProblem, Workload } from './problem-setting.js';
import { optionsThatHold } from './screen.js';

/** Whether the models that are known to need memory fit. */
export function fitsMemory(problem: PlanProblem, slot: Slot): boolean {
  return neededMb(problem, slot) <= problem.slotKinds[slot.kind]!.memoryMb;
}

/** The share of a slot's memory that its models are known to need. */
export function memoryShare(problem: PlanProblem, slot: Slot): number {
  return neededMb(problem, slot) / problem.slotKinds[slot.kind]!.memoryMb;
}

/** MiB that the models of a slot take, as far as it is known. */
export function neededMb({ workloads }: PlanProblem, { kind, modelReplicas }: Slot): number {
  return modelReplicas.reduce((sum, { workload, option }) => {
    const profile = workloads[workload]!.profiles[kind];
    return profile === undefined ? sum : sum + replicaMb(profile, option);
  }, 0);
}

/** MiB of one replica, 0 where it is not known. */
function replicaMb({ memory }: ModelProfile, { instances }: Pick<ServingOption, 'instances'>): number {
  return memory.known ? memory.modelMb + memory.perInstanceMb * instances : 0;
}

/** What a replica takes at least of a slot's memory, as far as it is known. */
export function leastMemoryMb(problem: PlanProblem, workload: Workload, profile: ModelProfile): number {
  return Math.min(...optionsThatHold(problem, workload).map((option) => replicaMb(profile, option)));
}
