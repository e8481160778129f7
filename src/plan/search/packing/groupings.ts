import type { PlanProblem } from '../../problem-setting.js';
import { type AloneTable, cheapestKind } from '../columns.js';
import { type PackGroup, servableOn } from '../jobs.js';

/** Models by the kind of device on which they are to be packed. */
export type Grouping = readonly Omit<PackGroup, 'fill'>[];

/**
 * What is worth packing: the mix of kinds that the screen's bound names, and all models on one kind that is shared,
 * for each that can serve all of them. Models that nothing shared can serve are each on devices of their own, of the kind that
 * costs least.
 */
export function groupingsOf(
  problem: PlanProblem,
  alone: AloneTable,
  { kinds, screenKinds }: { readonly kinds: readonly number[]; readonly screenKinds: readonly number[] },
): readonly Grouping[] {
  const all = [...problem.workloads.keys()];
  const isShared = (workload: number) => kinds.some((kind) => alone[workload]![kind] !== undefined);
  const shared = all.filter(isShared);
  if (shared.length === 0) return [];
  const apart = grouped(problem, all, (workload) =>
    isShared(workload) ? undefined : cheapestKind(problem, alone[workload]!),
  );
  const whole = kinds
    .filter((kind) => servableOn(problem, alone, kind).length === shared.length)
    .map((kind) => [{ kind, workloads: shared }]);
  const mixed = grouped(problem, shared, kindOf);
  return [...(mixed.length > 1 ? [mixed] : []), ...whole].map((grouping) => [...grouping, ...apart]);

  /** The kind that the screen names, else one on the same machine, else any that can serve the model. */
  function kindOf(workload: number): number {
    const wanted = screenKinds[workload]!;
    const able = kinds.filter((kind) => alone[workload]![kind] !== undefined);
    // It names none for a model that no device serves by its rule of thumb.
    const machineOf = (kind: number) => problem.slotKinds[kind]?.machine;
    if (able.includes(wanted)) return wanted;
    return able.find((kind) => machineOf(kind) === machineOf(wanted)) ?? able[0]!;
  }
}

/** Models by what `kindOf` says of them; those of which it says nothing are left out. */
function grouped(
  { slotKinds }: PlanProblem,
  workloads: readonly number[],
  kindOf: (workload: number) => number | undefined,
): Grouping {
  return [...slotKinds.keys()]
    .map((kind) => ({ kind, workloads: workloads.filter((workload) => kindOf(workload) === kind) }))
    .filter((group) => group.workloads.length > 0);
}
