import { fitsMemory } from '../memory.js';
import {
  countOn,
  type ModelReplica,
  mapSlots,
  type Placement,
  replicasOn,
  type Slot,
  slotsOf,
  withReplicas,
  workloadsOn,
} from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { replicaShare, slotShare } from './columns.js';
import { withAlso } from './packing/exchange.js';

type PlacedMachine = Placement['machines'][number];

/**
 * The placement without the machine, of those that `mayGo`, that does least and can be done without: its
 * models' other replicas take over, those without another move to the least used device that may take them.
 * Undefined where no machine can be left out. Nothing says that SLOs are still met.
 */
export function withOneLess(
  problem: PlanProblem,
  placement: Placement,
  mayGo: (machine: PlacedMachine) => boolean = () => true,
): Placement | undefined {
  const order = placement.machines
    .map((machine, index) => ({ index, machine, share: shareOfMachine(problem, machine) }))
    .filter(({ machine }) => mayGo(machine))
    .sort((a, b) => a.share - b.share);
  for (const { index } of order) {
    const rest = placement.machines.filter((_, i) => i !== index);
    const less = replicasOf(placement, index).reduce<Placement | undefined>(
      (kept, modelReplica) =>
        kept && (oneReplicaLess(kept, modelReplica) ?? moveTo(problem, kept, modelReplica)),
      { machines: rest },
    );
    if (less !== undefined && rest.length > 0) return less;
  }
  return undefined;
}

/**
 * The placement without a machine whose models nothing else can take: of those that `mayGo` the one with
 * the fewest SLOs that nobody serves without it, and of equals the one whose models need most room.
 */
export function withOneGivenUp(
  problem: PlanProblem,
  placement: Placement,
  mayGo: (machine: PlacedMachine) => boolean,
): Placement {
  const [given] = placement.machines
    .map((machine, index) => {
      const left = withoutMachine(placement, index);
      return { machine, left, slos: slosOf(problem, left), share: shareOfMachine(problem, machine) };
    })
    .filter(({ machine }) => mayGo(machine))
    .sort((a, b) => b.slos - a.slos || b.share - a.share);
  return given?.left ?? placement;
}

function withoutMachine({ machines }: Placement, index: number): Placement {
  const rest = { machines: machines.filter((_, i) => i !== index) };
  return replicasOf({ machines }, index).reduce<Placement>(
    (left, modelReplica) => oneReplicaLess(left, modelReplica) ?? left,
    rest,
  );
}

/** SLOs of tenants whose models are on some device. */
function slosOf({ workloads, spec }: PlanProblem, placement: Placement): number {
  const tenants = [...workloadsOn(slotsOf(placement))].flatMap((workload) => workloads[workload]!.tenants);
  return tenants.filter((t) => spec.tenants[t]!.slo !== undefined).length;
}

/**
 * The placement with one more machine, of the kind whose device is fullest: half of the models there
 * move to it, or a lone model gets another replica. Undefined where limits forbid it.
 */
export function withOneMore(problem: PlanProblem, placement: Placement): Placement | undefined {
  const slots = slotsOf(placement);
  const [at] = [...slots.keys()]
    .filter((place) => problem.slotKinds[slots[place]!.kind]!.slice === undefined)
    .sort((a, b) => slotShare(problem, slots[b]!) - slotShare(problem, slots[a]!));
  if (at === undefined) return undefined;
  const fullest = slots[at]!;
  const kind = problem.slotKinds[fullest.kind]!.machine;
  const used = placement.machines.filter((machine) => machine.kind === kind).length;
  if (used >= problem.machines[kind]!.limit) return undefined;
  const { stay, move, changed } = divide(problem, fullest);
  if (move.length === 0) return undefined;
  const more = withSlotAt(placement, at, { ...fullest, modelReplicas: stay });
  const machines = [...more.machines, { kind, gpus: [[{ kind: fullest.kind, modelReplicas: move }]] }];
  return changed === undefined
    ? { machines }
    : mapSlots({ machines }, (slot) => withReplicas(slot, changed.workload, changed.replicas));
}

/** Screened share of device time on GPUs, all together. */
export function shareOfMachine(problem: PlanProblem, { gpus }: Pick<PlacedMachine, 'gpus'>): number {
  return gpus.flat().reduce((sum, slot) => sum + slotShare(problem, slot), 0);
}

/** With as many replicas of the replica's model as there are; undefined where there are none. */
export function oneReplicaLess(placement: Placement, { workload }: ModelReplica): Placement | undefined {
  const left = countOn(slotsOf(placement), workload);
  return left === 0 ? undefined : mapSlots(placement, (slot) => withReplicas(slot, workload, left));
}

export function replicasOf({ machines }: Placement, index: number): ModelReplica[] {
  return replicasOn(slotsOf({ machines: [machines[index]!] }));
}

function moveTo(
  problem: PlanProblem,
  placement: Placement,
  modelReplica: ModelReplica,
): Placement | undefined {
  const [best] = placesFor(problem, placement, modelReplica);
  return best && withSlotAt(placement, best.place, withAlso(best.slot, { ...modelReplica, replicas: 1 }));
}

/** Devices of a placement that may take a model besides what they serve, by how full they are with it alone of its replicas. */
export function placesFor(
  problem: PlanProblem,
  placement: Placement,
  modelReplica: ModelReplica,
): { readonly place: number; readonly slot: Slot }[] {
  return slotsOf(placement)
    .map((slot, place) => ({ place, slot, more: withAlso(slot, { ...modelReplica, replicas: 1 }) }))
    .filter(({ more }) => more.modelReplicas.length <= problem.slotKinds[more.kind]!.mostModels)
    .map((open) => ({ ...open, share: slotShare(problem, open.more) }))
    .filter(({ more, share }) => Number.isFinite(share) && fitsMemory(problem, more))
    .sort((a, b) => a.share - b.share);
}

export function withSlotAt(placement: Placement, at: number, slot: Slot): Placement {
  return mapSlots(placement, (old, place) => (place === at ? slot : old));
}

/** Which models of a device stay and which move, so that both halves are about as full. */
function divide(
  problem: PlanProblem,
  { kind, modelReplicas }: Slot,
): {
  stay: readonly ModelReplica[];
  move: readonly ModelReplica[];
  changed?: { workload: number; replicas: number };
} {
  const [first] = modelReplicas;
  if (modelReplicas.length === 1 && first !== undefined) {
    const replicas = first.replicas + 1;
    if (replicas > problem.spec.mostReplicas) return { stay: modelReplicas, move: [] };
    return { stay: modelReplicas, move: [first], changed: { workload: first.workload, replicas } };
  }
  const share = (modelReplica: ModelReplica) => replicaShare(problem, kind, modelReplica);
  const sorted = [...modelReplicas].sort((a, b) => share(b) - share(a));
  const move = sorted.filter((_, i) => i % 2 === 1);
  return { stay: sorted.filter((_, i) => i % 2 === 0), move };
}
