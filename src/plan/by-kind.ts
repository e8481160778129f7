import type { EvaluatedPlacement } from './evaluate.js';
import { mapSlots, type Placement } from './placement.js';
import type { PlanResult } from './plan.js';
import type { MachineKind, PlanProblem, ServedPart, Workload } from './problem-setting.js';
import { FeasibilityCheck } from './search/feasibility-check.js';
import { explainInfeasible, type Shortfall } from './search/infeasible.js';
import { JobDispatcher } from './search/job-dispatcher.js';
import { withOneLess } from './search/neighbours.js';
import { searchPlacement } from './search/search.js';
import type { Search, SearchTools } from './search/search-setting.js';

export interface KindOutcome {
  /** Index of the kind of machine. */
  readonly kind: number;
  /** Models that no profile is for there; nothing was simulated then. */
  readonly unprofiled: readonly string[];
  /** On the first day; absent where none was found that meets every SLO. */
  readonly best?: EvaluatedPlacement;
  /** Where none was found: the SLOs in the way. */
  readonly shortfalls: readonly Shortfall[];
}

/** What is known of a kind once there is an answer: one that uses this kind alone is at least as good. */
export function afterAnswer(outcome: KindOutcome, { candidates, chosen }: PlanResult): KindOutcome {
  if (chosen === undefined) return outcome;
  const { placement, days } = candidates[chosen]!;
  const isAlone = placement.machines.every(({ kind }) => kind === outcome.kind);
  return isAlone ? { ...outcome, best: days[0]!, shortfalls: [] } : outcome;
}

export function unprofiledOn({ machines, workloads }: PlanProblem, kind: number): readonly string[] {
  const slots = slotsOfKind(machines[kind]!);
  const isServed = ({ profiles }: ServedPart) => slots.some((slot) => profiles[slot] !== undefined);
  return workloads.filter((workload) => !isServed(workload)).map(({ model }) => model);
}

/** Answers a plan that has machines of one kind; `kind` is what they are called outside of it. */
export function* bestOfKind(problem: PlanProblem, tools: SearchTools, kind: number): Search<KindOutcome> {
  const found = yield* searchPlacement(problem, tools);
  const [best] = found.days;
  const dispatcher = new JobDispatcher(problem, tools);
  if (found.best !== undefined && best !== undefined) {
    const fewest = yield* withFewestMachines(dispatcher, best, found.evaluationS);
    return { kind, unprofiled: [], best: fewest, shortfalls: [] };
  }
  const { shortfalls } = yield* explainInfeasible(dispatcher, found);
  return { kind, unprofiled: [], shortfalls };
}

/** Leaves out one machine after another while every SLO is met and there is time: a search may end before it tries that. */
function* withFewestMachines(
  dispatcher: JobDispatcher,
  best: EvaluatedPlacement,
  evaluationS: number,
): Search<EvaluatedPlacement> {
  const feasibility = new FeasibilityCheck(dispatcher);
  let fewest = best;
  while (dispatcher.hasTimeFor(evaluationS)) {
    const less = withOneLess(dispatcher.problem, fewest.placement);
    if (less === undefined) break;
    const { days, afterFailures } = yield* feasibility.whole(less);
    if (afterFailures?.failing.length !== 0) break;
    fewest = days[0]!;
  }
  return fewest;
}

/** The same question where only machines of one kind may be rented. */
export function onlyMachines(problem: PlanProblem, kind: number): PlanProblem {
  const { current: _, ...rest } = problem;
  const machine = problem.machines[kind]!;
  const kept = slotsOfKind(machine);
  const pick = <Value>(values: readonly Value[]) => kept.map((slot) => values[slot]!);
  const part = <Part extends ServedPart>(one: Part): Part => ({ ...one, profiles: pick(one.profiles) });
  const workload = (one: Workload): Workload => ({
    ...part(one),
    outsideMs: pick(one.outsideMs),
    ...(one.parts && { parts: one.parts.map(part) }),
  });
  const renamed = (slots: readonly number[]) => slots.map((slot) => kept.indexOf(slot));
  return {
    ...rest,
    spec: { ...problem.spec, machines: [problem.spec.machines[kind]!] },
    machines: [
      { ...machine, wholeSlots: renamed(machine.wholeSlots), layouts: machine.layouts.map(renamed) },
    ],
    slotKinds: pick(problem.slotKinds).map((slot) => ({ ...slot, machine: 0 })),
    workloads: problem.workloads.map(workload),
  };
}

/** A placement of {@link onlyMachines} as one of the whole problem. */
export function amongAllKinds({ machines }: PlanProblem, kind: number, placement: Placement): Placement {
  const kept = slotsOfKind(machines[kind]!);
  const { machines: placed } = mapSlots(placement, (slot) => ({ ...slot, kind: kept[slot.kind]! }));
  return { machines: placed.map((machine) => ({ ...machine, kind })) };
}

function slotsOfKind({ wholeSlots, layouts }: MachineKind): readonly number[] {
  return [...new Set([...wholeSlots, ...layouts.flat()])].sort((a, b) => a - b);
}

/** The busiest device of a placement, as a share of its time. */
export function busiestDevice({ summary }: EvaluatedPlacement): number {
  return Math.max(0, ...summary.devices.map(({ busyShare }) => busyShare));
}
