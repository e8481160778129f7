import { type Piece, type PlacedGpu, patternKey, type Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { mostTogether } from './replicas.js';

type Survive = PlanProblem['spec']['survive'];

/** MIG slices on one GPU, as indices into the slot kinds. */
type Layout = readonly number[];

interface SlicedGpu {
  readonly free: number[];
  readonly slots: Slot[];
}

/**
 * Deals slots to slices of their kind on GPUs with these layouts, replicas of a model to different GPUs as
 * far as that goes. Where no GPU has room, or all that have one hold as many replicas of the model as one
 * loss may take, another GPU is used, with the layout that most of the waiting slots fit.
 */
export function fillLayouts(
  survive: Survive,
  layouts: readonly Layout[],
  slots: readonly Slot[],
  possible: readonly Layout[],
): Slot[][] {
  const gpus = layouts.map((layout): SlicedGpu => ({ free: [...layout], slots: [] }));
  // Models with many replicas first: they find fewest GPUs on which they are not yet.
  const waiting = manyReplicasFirst(slots);
  for (const [i, slot] of waiting.entries()) {
    const gpu = openGpu(survive, gpus, slot) ?? newGpu(possible, waiting.slice(i));
    if (!gpus.includes(gpu)) gpus.push(gpu);
    gpu.free.splice(gpu.free.indexOf(slot.kind), 1);
    gpu.slots.push(slot);
  }
  return gpus.map((gpu) => gpu.slots).filter((used) => used.length > 0);
}

function manyReplicasFirst(slots: readonly Slot[]): Slot[] {
  const most = ({ pieces }: Slot) => Math.max(...pieces.map(({ replicas }) => replicas));
  return slots
    .map((slot, i) => ({ slot, i, key: slot.pieces.map(patternKey).sort().join(' ') }))
    .sort((a, b) => most(b.slot) - most(a.slot) || compare(a.key, b.key) || a.i - b.i)
    .map(({ slot }) => slot);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The GPU with the fewest replicas of the slot's models, of equal ones that with most slices of its kind left. */
function openGpu(survive: Survive, gpus: readonly SlicedGpu[], slot: Slot): SlicedGpu | undefined {
  const freeOn = ({ free }: SlicedGpu) => free.filter((kind) => kind === slot.kind).length;
  const [best] = gpus
    .map((gpu) => ({ gpu, free: freeOn(gpu), held: mostHeld(gpu.slots, slot) }))
    .filter(({ gpu, free }) => free > 0 && mayJoin(survive, gpu.slots, [slot]))
    .sort((a, b) => a.held - b.held || b.free - a.free);
  return best?.gpu;
}

/** An empty GPU for the first of the waiting slots. */
function newGpu(possible: readonly Layout[], waiting: readonly Slot[]): SlicedGpu {
  const [first] = waiting;
  const fitting = (layout: Layout) => {
    const free = [...layout];
    for (const { kind } of waiting) if (free.includes(kind)) free.splice(free.indexOf(kind), 1);
    return layout.length - free.length;
  };
  const [best] = possible
    .filter((layout) => layout.includes(first!.kind))
    .map((layout) => ({ layout, count: fitting(layout) }))
    .sort((a, b) => b.count - a.count);
  return { free: [...best!.layout], slots: [] };
}

/**
 * Puts GPUs of one kind into as few machines as they need, where a machine may be lost into as many as
 * keep apart what must not be lost together. Dealt so that equal GPUs come into different machines.
 */
export function intoMachines(
  problem: PlanProblem,
  kind: number,
  gpus: readonly PlacedGpu[],
): readonly (readonly PlacedGpu[])[] {
  const size = problem.machines[kind]!.gpus;
  const least = Math.ceil(gpus.length / size);
  if (problem.spec.survive !== 'machine') return dealt(gpus, least);
  const machines = Array.from({ length: least }, (): PlacedGpu[] => []);
  for (const gpu of [...gpus].sort((a, b) => mostReplicas(b) - mostReplicas(a))) {
    const [open] = machines
      .filter((own) => own.length < size && mayJoin('machine', slotsIn(own), gpu.slots))
      .sort((a, b) => a.length - b.length);
    if (open === undefined) machines.push([gpu]);
    else open.push(gpu);
  }
  return machines;
}

/** In turn. */
function dealt(gpus: readonly PlacedGpu[], count: number): PlacedGpu[][] {
  const machines = Array.from({ length: count }, (): PlacedGpu[] => []);
  for (const [i, gpu] of gpus.entries()) machines[i % count]!.push(gpu);
  return machines;
}

function mostReplicas({ slots }: PlacedGpu): number {
  return Math.max(...slots.flatMap(({ pieces }) => pieces.map(({ replicas }) => replicas)));
}

function slotsIn(gpus: readonly PlacedGpu[]): Slot[] {
  return gpus.flatMap(({ slots }) => slots);
}

/** Whether a loss of all these slots together takes no more of any model than it may. */
function mayJoin(survive: Survive, held: readonly Slot[], more: readonly Slot[]): boolean {
  if (survive === 'nothing') return true;
  const all = [...held, ...more];
  return more.every(({ pieces }) =>
    pieces.every((piece) => countOf(all, piece) <= mostTogether(survive, piece)),
  );
}

function mostHeld(held: readonly Slot[], { pieces }: Slot): number {
  return Math.max(0, ...pieces.map((piece) => countOf(held, piece)));
}

/** Replicas of a piece's model on these slots. */
function countOf(slots: readonly Slot[], { demand }: Piece): number {
  return slots.reduce((sum, { pieces }) => sum + pieces.filter((piece) => piece.demand === demand).length, 0);
}
