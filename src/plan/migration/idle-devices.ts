import type { PlacedGpu, Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { hasRoomFor } from '../spread.js';

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
      const slots = [...gpu.slots, slot];
      const isPossible = layouts.some((layout) => hasRoomFor(layout, slots));
      return isPossible ? [withGpus(gpus.map((other, i) => (i === g ? { ...gpu, slots } : other)))] : [];
    });
    const idle = gpus.length < size ? [withGpus([...gpus, { machineKind, slots: [slot] }])] : [];
    return [...sliced, ...idle];
  });
}
