import { groupBy } from '../base/group-by.js';
import { remembered } from '../base/remembered.js';
import { machineCost } from './goal.js';
import {
  type IntegerProgram,
  one,
  ProgramBuilder,
  type SolveLimits,
  type SolveProgram,
  times,
} from './integer-program.js';
import { type ModelReplica, type Placement, patternKey, replicasOn, type Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { mostTogether } from './replicas.js';
import { intoMachines } from './spread.js';

/**
 * Chooses how many of each slot to make, how many GPUs have each MIG layout, how many machines of each
 * kind there are, and with how many replicas each model is served (a pattern or column formulation:
 * equal devices are only counted, so that nothing symmetric is searched). Undefined where the solver found
 * none. Rarely the placement has more machines than the program counted, and then perhaps more than there
 * may be: where models that must be kept apart do not fit as they were counted.
 */
export function solveMaster(
  problem: PlanProblem,
  columns: readonly Slot[],
  solve: SolveProgram,
  limits: SolveLimits,
): Placement | undefined {
  const master = buildMaster(problem, columns);
  const { values } = solve(master.program, limits);
  if (values.length === 0) return undefined;
  const countOf = (variable: number) => Math.round(values[variable]!);
  const chosen = columns.flatMap((slot, c) =>
    Array.from({ length: countOf(master.columnVariables[c]!) }, () => slot),
  );
  const layouts = problem.machines.map((kind, k) =>
    kind.layouts.flatMap((layout, l) =>
      Array.from({ length: countOf(master.layoutVariables[k]![l]!) }, () => layout),
    ),
  );
  return placementOf(problem, chosen, layouts);
}

/**
 * The placement of slots, less what covers a model more often than needed: whole GPUs, and slices on GPUs
 * with the layouts given by kind of machine, or on further ones where those are too few. What may be lost
 * together is kept apart, on more machines if need be.
 */
export function placementOf(
  problem: PlanProblem,
  slots: readonly Slot[],
  layouts: readonly (readonly (readonly number[])[])[] = [],
): Placement {
  const needed = withoutSurplus(slots);
  return {
    machines: problem.machines.flatMap((_, k) => {
      const own = needed.filter((slot) => problem.slotKinds[slot.kind]!.machine === k);
      const machines = intoMachines(problem, k, own, layouts[k] ?? []);
      return machines.map((gpus) => ({ kind: k, gpus }));
    }),
  };
}

interface Master {
  readonly program: IntegerProgram;
  readonly columnVariables: readonly number[];
  /** By machine kind: the variable of each of its layouts. */
  readonly layoutVariables: readonly (readonly number[])[];
}

function buildMaster(problem: PlanProblem, columns: readonly Slot[]): Master {
  const builder = new ProgramBuilder();
  const machineVariables = problem.machines.map((kind, k) =>
    builder.count(machineCost(problem, k), kind.limit),
  );
  const columnVariables = columns.map(() => builder.count(0));
  const layoutVariables = problem.machines.map(({ layouts }) => layouts.map(() => builder.count(0)));
  const patterns = patternsOf(columns);
  coverDemands(builder, problem, patterns, columnVariables);
  for (const pattern of patterns) {
    for (const [kind, machines] of machineVariables.entries()) {
      const domains = { kind, machines, layouts: layoutVariables[kind]! };
      keepApart(builder, problem, { pattern, columns, columnVariables }, domains);
    }
  }
  for (const [k, kind] of problem.machines.entries()) {
    const of = (kinds: readonly number[]) =>
      columnVariables.filter((_, c) => kinds.includes(columns[c]!.kind));
    builder.atMost(
      machineVariables[k]!,
      kind.gpus,
      [...of(kind.wholeSlots), ...layoutVariables[k]!].map(one),
    );
    builder.divide(kind.layouts, layoutVariables[k]!, (slice) => of([slice]));
  }
  return { program: builder.build(), columnVariables, layoutVariables };
}

/** Each model has one number of replicas, and that many slots that serve its part. */
function coverDemands(
  builder: ProgramBuilder,
  problem: PlanProblem,
  patterns: readonly Pattern[],
  columnVariables: readonly number[],
): void {
  const choices = problem.workloads.map((): number[] => []);
  for (const { modelReplica, users } of patterns) {
    const chosen = builder.count(0, 1);
    choices[modelReplica.workload]!.push(chosen);
    builder.atLeast(0, [
      ...users.map((c) => one(columnVariables[c]!)),
      times(chosen, -modelReplica.replicas),
    ]);
  }
  for (const chosen of choices) builder.atLeast(1, chosen.map(one));
}

/** A model with one number of replicas, and the columns that serve a replica of it. */
interface Pattern {
  readonly modelReplica: ModelReplica;
  readonly users: number[];
}

function patternsOf(columns: readonly Slot[]): readonly Pattern[] {
  const found = new Map<string, Pattern>();
  for (const [c, { modelReplicas }] of columns.entries()) {
    for (const modelReplica of modelReplicas)
      remembered(found, patternKey(modelReplica), () => ({ modelReplica, users: [] })).users.push(c);
  }
  return [...found.values()];
}

/** A pattern with the slots that may be made, and the variable of each. */
interface PatternUse {
  readonly pattern: Pattern;
  readonly columns: readonly Slot[];
  readonly columnVariables: readonly number[];
}

interface Domains {
  readonly kind: number;
  readonly machines: number;
  readonly layouts: readonly number[];
}

/**
 * Enough machines, or divided GPUs, of a kind for the replicas of a model there, where each may hold only
 * so many of them that enough are left after its failure.
 */
function keepApart(
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
      ? [times(domains.machines, most)]
      : layouts.map((layout, l) =>
          times(domains.layouts[l]!, Math.min(most, layout.filter((slice) => kinds.has(slice)).length)),
        );
  builder.atLeast(0, [...allowed, ...own.map((c) => times(columnVariables[c]!, -1))]);
}

/**
 * Keeps one number of replicas for each model (the smallest that is there in full) and no more replicas
 * than that.
 */
function withoutSurplus(slots: readonly Slot[]): Slot[] {
  const wanted = new Map<number, ModelReplica>();
  for (const alike of groupBy(replicasOn(slots), patternKey).values()) {
    const modelReplica = alike[0]!;
    const isFewest = modelReplica.replicas < (wanted.get(modelReplica.workload)?.replicas ?? Infinity);
    if (alike.length >= modelReplica.replicas && isFewest) wanted.set(modelReplica.workload, modelReplica);
  }
  const left = new Map([...wanted].map(([workload, { replicas }]) => [workload, replicas]));
  const keep = (modelReplica: ModelReplica) => {
    const chosen = wanted.get(modelReplica.workload);
    if (chosen === undefined || patternKey(chosen) !== patternKey(modelReplica)) return false;
    if (left.get(modelReplica.workload) === 0) return false;
    left.set(modelReplica.workload, left.get(modelReplica.workload)! - 1);
    return true;
  };
  return slots
    .map((slot) => ({ ...slot, modelReplicas: slot.modelReplicas.filter(keep) }))
    .filter(({ modelReplicas }) => modelReplicas.length > 0);
}
