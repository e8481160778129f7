import type { ProgramBuilder } from './integer-program.js';
import { type ModelReplica, patternKey, type Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { mostTogether } from './replicas.js';

/** A model with one number of replicas, and the columns that serve a replica of it. */
export interface Pattern {
  readonly modelReplica: ModelReplica;
  readonly users: number[];
}

export function patternsOf(columns: readonly Slot[]): readonly Pattern[] {
  const found = new Map<string, Pattern>();
  for (const [c, { modelReplicas }] of columns.entries()) {
    for (const modelReplica of modelReplicas) {
      const known = found.get(patternKey(modelReplica));
      if (known === undefined) found.set(patternKey(modelReplica), { modelReplica, users: [c] });
      else known.users.push(c);
    }
  }
  return [...found.values()];
}

/** A pattern with the slots that may be made, and the variable of each. */
interface PatternUse {
  readonly pattern: Pattern;
  readonly columns: readonly Slot[];
  readonly columnVariables: readonly number[];
}

/** The variables of what may be lost of a kind of machine: the machines, or their GPUs with each layout. */
interface Domains {
  readonly kind: number;
  readonly machines: number;
  readonly layouts: readonly number[];
}

/**
 * Enough machines, or divided GPUs, of a kind for the replicas of a model there, where each may hold only
 * so many of them that enough are left after its failure.
 */
export function keepApart(
  builder: ProgramBuilder,
  { spec, machines, slotKinds }: PlanProblem,
  { pattern, columns, columnVariables }: PatternUse,
  domains: Domains,
): void {
  if (spec.survive === 'nothing') return;
  const most = mostTogether(spec.survive, pattern.modelReplica);
  const { wholeSlots, layouts } = machines[domains.kind]!;
  const own = pattern.users.filter((c) => {
    const { kind } = columns[c]!;
    // A whole GPU holds one replica.
    const isApart = spec.survive === 'gpu' && wholeSlots.includes(kind);
    return slotKinds[kind]!.machine === domains.kind && !isApart;
  });
  if (own.length === 0) return;
  const kinds = new Set(own.map((c) => columns[c]!.kind));
  const allowed =
    spec.survive === 'machine'
      ? [{ variable: domains.machines, coefficient: most }]
      : layouts.map((layout, l) => ({
          variable: domains.layouts[l]!,
          coefficient: Math.min(most, layout.filter((slice) => kinds.has(slice)).length),
        }));
  builder.atLeast(0, [
    ...allowed.filter(({ coefficient }) => coefficient > 0),
    ...own.map((c) => ({ variable: columnVariables[c]!, coefficient: -1 })),
  ]);
}
