import { machineCost } from '../goal.js';
import { busiestShare, HOST_PARTS, type HostSide, hostSideOf } from '../host-side.js';
import { one, ProgramBuilder, type SolveLimits, type SolveProgram, times } from '../integer-program.js';
import type { PlanProblem } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import { mostInstances } from '../serving.js';
import { slotCapacityOf } from '../slot-capacity.js';
import type { Survive } from '../spec.js';
import { binWeights } from './bin-weights.js';

/** What all of a model's load takes where it is served on one kind of slot alone. */
export interface ModelNeed {
  /** Seconds per second of the device, and of instances' threads. */
  readonly inferS: number;
  readonly instanceS: number;
  readonly host: HostSide;
  /** Of a replica, in MiB; 0 where it is not known. */
  readonly memoryMb: number;
}

/** By workload and slot kind; undefined where it cannot be served. */
export type NeedTable = readonly (readonly (ModelNeed | undefined)[])[];

export interface SolvedBound {
  readonly bound: number;
  /** By workload: the slot kind that serves most of it; -1 for none. */
  readonly kinds: readonly number[];
}

/**
 * The cheapest machines on which the models could be served if each could be divided among slots at
 * will: an integer program that knows how many machines of each kind there are and which part of each
 * model is served on each kind of slot, but not on which one. Models that no slot can serve are left out.
 *
 * Where a failure is to be survived the models are served without what is lost, and their replicas, at least two
 * of each, are in memory before it.
 */
export function solveBound(
  problem: PlanProblem,
  needs: NeedTable,
  solve: SolveProgram,
  limits: SolveLimits,
): SolvedBound {
  const builder = new ProgramBuilder();
  const machines = problem.machines.map((_, k) => builder.count(machineCost(problem, k)));
  const { survive } = problem.spec;
  const serving = divide(builder, problem, needs);
  for (const [s, slots] of serving.slots.entries()) {
    const served = servedOn(s, needs, serving);
    limitTime(builder, problem, s, slots, served);
    limitReplicas(builder, problem, s, slots, { served, replicas: 1 });
  }
  limitMachines(builder, problem, { machines, slots: serving.slots, survive });
  if (survive !== 'nothing') {
    const replicas = leastReplicas(survive);
    const before = divide(builder, problem, needs);
    for (const [s, slots] of before.slots.entries())
      limitReplicas(builder, problem, s, slots, { served: servedOn(s, needs, before), replicas });
    limitMachines(builder, problem, { machines, slots: before.slots, survive: 'nothing' });
  }
  const { bound, values } = solve(builder.build(), limits);
  const kinds = serving.parts.map((row) => {
    const shares = row.map((part) => (part === undefined ? -1 : (values[part] ?? 0)));
    const most = Math.max(...shares);
    return most < 0 ? -1 : shares.indexOf(most);
  });
  return { bound: Math.max(0, bound), kinds };
}

/** Variables: how many slots there are of each kind, and by workload and slot kind which part is served there. */
interface Division {
  readonly slots: readonly number[];
  readonly parts: readonly (readonly (number | undefined)[])[];
}

/** Models divided among kinds of slots. */
function divide(builder: ProgramBuilder, problem: PlanProblem, needs: NeedTable): Division {
  const slots = problem.slotKinds.map(({ slice }) =>
    slice === undefined ? builder.amount(0) : builder.count(0),
  );
  const parts = needs.map((row) => row.map((need) => (need ? builder.amount(0, 1) : undefined)));
  for (const row of parts) {
    const terms = row.flatMap((variable) => (variable === undefined ? [] : [one(variable)]));
    if (terms.length > 0) builder.atLeast(1, terms);
  }
  return { slots, parts };
}

function servedOn(s: number, needs: NeedTable, { parts }: Division): Part[] {
  return needs.flatMap((row, d): Part[] =>
    row[s] === undefined ? [] : [{ variable: parts[d]![s]!, need: row[s] }],
  );
}

/** A model's part on a kind of slot. */
interface Part {
  readonly variable: number;
  readonly need: ModelNeed;
}

/**
 * Enough slots of a kind for the replicas that are on them: on those of one model a replica each, and as many
 * as have room in memory. A model served there by a part of its load has that part of its replicas there, which are at
 * least `replicas` in all, and as many as its time takes.
 */
function limitReplicas(
  builder: ProgramBuilder,
  problem: PlanProblem,
  s: number,
  slots: number,
  { served, replicas }: { readonly served: readonly Part[]; readonly replicas: number },
): void {
  const { mostModels, memoryMb } = problem.slotKinds[s]!;
  const shareOf = ownShares(problem, s);
  const weights =
    mostModels === 1 ? [served.map(() => 1)] : binWeights(served.map(({ need }) => need.memoryMb / memoryMb));
  for (const row of weights)
    builder.atMost(
      slots,
      1,
      served.map(({ variable, need }, i) => times(variable, row[i]! * Math.max(replicas, shareOf(need)))),
    );
}

/** Enough slots of a kind for the time that is needed on them. */
function limitTime(
  builder: ProgramBuilder,
  problem: PlanProblem,
  s: number,
  slots: number,
  served: readonly Part[],
): void {
  const { machine, mostModels } = problem.slotKinds[s]!;
  const host = hostSideOf(problem.machines[machine]!, problem.slotKinds[s]!);
  const capacity = slotCapacityOf(problem, s);
  const shareOf = ownShares(problem, s);
  if (mostModels > 1) {
    builder.atMost(
      slots,
      capacity,
      served.map(({ variable, need }) => times(variable, need.inferS)),
    );
    for (const part of HOST_PARTS) {
      builder.atMost(
        slots,
        host[part],
        served.map(({ variable, need }) => times(variable, need.host[part])),
      );
    }
    for (const { variable, need } of served) {
      // What models share is limited above.
      if (need.inferS / capacity < shareOf(need)) builder.atMost(slots, 1, [times(variable, shareOf(need))]);
    }
    return;
  }
  // Slots of one model each: the models' slots are counted apart.
  const own = served.map(({ variable, need }) => {
    const count = builder.count(0);
    builder.atMost(count, 1, [times(variable, Math.max(shareOf(need), busiestShare(host, [need.host])))]);
    return one(count);
  });
  builder.atMost(slots, 1, own);
}

/** How much of a slot's time a model takes there: of the slots of a kind, so many for all of its load. */
function ownShares(problem: PlanProblem, s: number): (need: ModelNeed) => number {
  const capacity = slotCapacityOf(problem, s);
  const instances = mostInstances(problem);
  return ({ inferS, instanceS }) => Math.max(inferS / capacity, instanceS / instances);
}

/** Variables that count machines and slots, and what is lost of them. */
interface MachinesInUse {
  readonly machines: readonly number[];
  readonly slots: readonly number[];
  readonly survive: Survive;
}

/**
 * Enough machines for the slots. Where one may be lost (or a GPU), they are enough without one of those in use, whichever the
 * program likes to lose, and what serves then is not where it was.
 */
function limitMachines(
  builder: ProgramBuilder,
  problem: PlanProblem,
  { machines, slots, survive }: MachinesInUse,
): void {
  const lost = survive === 'nothing' ? [] : machines.map(() => builder.count(0, 1));
  if (lost.length > 0) builder.atLeast(1, lost.map(one));
  builder.atLeast(
    leastReplicas(survive),
    machines.map((variable, k) => times(variable, survive === 'machine' ? 1 : problem.machines[k]!.gpus)),
  );
  for (const [k, { gpus, wholeSlots, layouts }] of problem.machines.entries()) {
    const divided = layouts.map(() => builder.count(0));
    const inUse = [...wholeSlots.map((s) => one(slots[s]!)), ...divided.map(one)];
    const gone = survive === 'nothing' ? [] : [times(lost[k]!, survive === 'machine' ? gpus : 1)];
    builder.atMost(machines[k]!, gpus, [...inUse, ...gone]);
    builder.divide(layouts, divided, (slice) => [slots[slice]!]);
  }
}
