import { groupBy } from '../../base/group-by.js';
import { inParts } from '../../base/in-parts.js';
import type { Placement, Slot } from '../placement.js';
import type { MachineKind, PlanProblem } from '../problem-setting.js';
import { fillLayouts, hasRoomFor } from '../spread.js';

/** Names of a machine and of a GPU in it. */
export interface GpuPlace {
  readonly machine: string;
  readonly gpu: string;
}

/** A slot of a placement as it is, and where, as far as that is known. */
export interface FoundSlot {
  readonly slot: Slot;
  readonly place?: GpuPlace;
}

/** The machine and GPU that a plan's own scenario means by the name of a server; undefined for other names. */
export function placeByName({ name, gpus }: MachineKind, server: string): GpuPlace | undefined {
  if (!server.startsWith(`${name}-`)) return undefined;
  const found = /^(\d+)(?:-gpu(\d+))?(?:-slice\d+)?$/.exec(server.slice(name.length + 1));
  if (found === null || Number(found[2] ?? 1) > gpus) return undefined;
  return { machine: `${name}-${found[1]}`, gpu: found[2] ?? '1' };
}

/**
 * The machines that these slots are on: as they are named, as far as a machine of the kind has so many GPUs
 * and a GPU such slices side by side; the slots of others on as few machines as hold them.
 */
export function machinesAsTheyAre(problem: PlanProblem, found: readonly FoundSlot[]): Placement {
  return {
    machines: problem.machines.flatMap((kind, k) => {
      const own = found.filter(({ slot }) => problem.slotKinds[slot.kind]!.machine === k);
      const machines = [...groupBy(own, ({ place }) => place?.machine).values()].flatMap((group) => {
        const byGpu = groupBy(group, ({ place }) => place?.gpu);
        const gpus = [...byGpu.values()].map((slots) => slots.map(({ slot }) => slot));
        const isKnown = group.every(({ place }) => place !== undefined);
        const isPossible = gpus.length <= kind.gpus && gpus.every((slots) => fitsOneGpu(kind, slots));
        return isKnown && isPossible ? [gpus] : packed(kind, gpus.flat());
      });
      return machines.map((gpus) => ({ kind: k, gpus }));
    }),
  };
}

function fitsOneGpu({ wholeSlots, layouts }: MachineKind, slots: readonly Slot[]): boolean {
  if (slots.length === 1 && wholeSlots.includes(slots[0]!.kind)) return true;
  return layouts.some((layout) => hasRoomFor(layout, slots));
}

function packed({ wholeSlots, layouts, gpus }: MachineKind, slots: readonly Slot[]): Slot[][][] {
  const isWhole = ({ kind }: Slot) => wholeSlots.includes(kind);
  const sliced = slots.filter((slot) => !isWhole(slot));
  const all = [
    ...slots.filter(isWhole).map((slot) => [slot]),
    ...fillLayouts('nothing', [], sliced, layouts),
  ];
  return inParts(all, gpus);
}
