import type { PlanProblem } from '../problem-setting.js';
import type { AloneTable } from './columns.js';
import { type PackGroup, servableOn } from './jobs.js';

/** Models by the kind of device on which they are to be packed. */
export type Grouping = readonly Omit<PackGroup, 'fill'>[];

/**
 * What is worth packing: the mix of kinds that the screen's bound names, and all models on one kind,
 * for each kind that can serve all of them.
 */
export function groupingsOf(
  problem: PlanProblem,
  alone: AloneTable,
  { kinds, screenKinds }: { readonly kinds: readonly number[]; readonly screenKinds: readonly number[] },
): readonly Grouping[] {
  const models = problem.demands.length;
  const whole = kinds
    .map((kind) => [{ kind, demands: servableOn(problem, alone, kind) }])
    .filter(([group]) => group!.demands.length === models);
  const mixed = kinds
    .map((kind) => ({
      kind,
      demands: problem.demands.flatMap((_, d) => (kindOf(d) === kind ? [d] : [])),
    }))
    .filter(({ demands }) => demands.length > 0);
  const isComplete = mixed.reduce((sum, { demands }) => sum + demands.length, 0) === models;
  return mixed.length > 1 && isComplete ? [mixed, ...whole] : whole;

  /** The kind that the screen names, else one on the same machine, else any that can serve the model. */
  function kindOf(demand: number): number {
    const wanted = screenKinds[demand]!;
    const able = kinds.filter((kind) => alone[demand]![kind] !== undefined);
    const machineOf = (kind: number) => problem.slotKinds[kind]!.machine;
    if (able.includes(wanted)) return wanted;
    return able.find((kind) => machineOf(kind) === machineOf(wanted)) ?? able[0] ?? -1;
  }
}
