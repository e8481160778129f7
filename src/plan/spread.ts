import { countOn, type PlacedGpu, patternKey, replicasOn, type Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { mostTogether } from './replicas.js';
import type { Survive } from './spec.js';

/** What a GPU is divided into, as indices into the slot kinds: MIG slices, or the whole of it. */
type Layout = readonly number[];

interface OpenGpu {
  readonly free: number[];
  readonly slots: Slot[];
}

/** GPUs that are lost together: those of a machine, or one. */
type Domain = OpenGpu[];

/**
 * Puts the slots on a kind of machine on GPUs, slices on those with the layouts given, and the GPUs into
 * as few machines as they need; on further GPUs and machines where otherwise one failure would take more
 * replicas of a model than it may.
 */
export function intoMachines(
  { spec, machines }: PlanProblem,
  kind: number,
  slots: readonly Slot[],
  layouts: readonly Layout[],
): readonly (readonly PlacedGpu[])[] {
  const { gpus: size, wholeSlots, layouts: possible } = machines[kind]!;
  const whole = slots.filter((slot) => wholeSlots.includes(slot.kind));
  const sliced = slots.filter((slot) => !wholeSlots.includes(slot.kind));
  if (spec.survive !== 'machine' || size === 1) {
    const gpus = [...whole.map((slot) => [slot]), ...fillLayouts(spec.survive, layouts, sliced, possible)];
    return dealt(gpus, Math.ceil(gpus.length / size));
  }
  const open = [...whole.map((slot) => [slot.kind]), ...layouts].map(emptyGpu);
  const domains = dealt(open, Math.max(Math.ceil(open.length / size), leastDomains(slots)));
  fill('machine', { domains, size }, slots, [...possible, ...wholeSlots.map((own) => [own])]);
  return domains.map(slotsByGpu).filter(isSome);
}

/** Slots on GPUs with these layouts, replicas of a model on different GPUs as far as that goes. */
export function fillLayouts(
  survive: Survive,
  layouts: readonly Layout[],
  slots: readonly Slot[],
  possible: readonly Layout[],
): Slot[][] {
  const domains = layouts.map((layout): Domain => [emptyGpu(layout)]);
  fill(survive, { domains, size: 1 }, slots, possible);
  return domains.flatMap(slotsByGpu);
}

/** Whether a GPU with this layout has a slice for each of the slots. */
export function hasRoomFor(layout: Layout, slots: readonly Slot[]): boolean {
  return countFitting(layout, slots) === slots.length;
}

/** How many of the slots have a slice on a GPU with this layout. */
function countFitting(layout: Layout, slots: readonly Slot[]): number {
  const free = [...layout];
  for (const { kind } of slots) if (free.includes(kind)) free.splice(free.indexOf(kind), 1);
  return layout.length - free.length;
}

/** In turn, so that equal ones, which stand side by side, come apart. */
function dealt<One>(all: readonly One[], count: number): One[][] {
  const parts = Array.from({ length: count }, (): One[] => []);
  for (const [i, one] of all.entries()) parts[i % count]!.push(one);
  return parts;
}

/** Enough that none holds more of a model's replicas than it may. */
function leastDomains(slots: readonly Slot[]): number {
  return replicasOn(slots).reduce(
    (most, modelReplica) =>
      Math.max(
        most,
        Math.ceil(countOn(slots, modelReplica.workload) / mostTogether('machine', modelReplica)),
      ),
    0,
  );
}

interface Domains {
  readonly domains: Domain[];
  /** Most GPUs in each. */
  readonly size: number;
}

/**
 * Deals slots to GPUs. Where a slot finds none that has room and may hold another replica of its models,
 * another GPU is used, with the layout that most of the waiting slots fit.
 */
function fill(
  survive: Survive,
  { domains, size }: Domains,
  slots: readonly Slot[],
  possible: readonly Layout[],
): void {
  // Models with many replicas first: they find fewest GPUs on which they are not yet.
  const waiting = manyReplicasFirst(slots);
  for (const [i, slot] of waiting.entries()) {
    if (deal(survive, domains, slot)) continue;
    const gpu = newGpu(possible, waiting.slice(i));
    const domain = domains.find((own) => own.length < size && mayJoin(survive, slotsIn(own), slot));
    if (domain === undefined) domains.push([gpu]);
    else domain.push(gpu);
    put(gpu, slot);
  }
}

function manyReplicasFirst(slots: readonly Slot[]): Slot[] {
  const most = ({ modelReplicas }: Slot) => Math.max(...modelReplicas.map(({ replicas }) => replicas));
  return slots
    .map((slot) => ({
      slot,
      most: most(slot),
      key: slot.modelReplicas.map(patternKey).sort().join(' '),
    }))
    .sort((a, b) => b.most - a.most || compare(a.key, b.key))
    .map(({ slot }) => slot);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * Puts a slot on an open GPU, moving others from GPU to GPU where that makes room (an augmenting path of
 * a matching). `seen`: GPUs from which that has been tried.
 */
function deal(survive: Survive, domains: readonly Domain[], slot: Slot, seen = new Set<OpenGpu>()): boolean {
  const open = openGpu(survive, domains, slot);
  if (open !== undefined) {
    put(open, slot);
    return true;
  }
  for (const domain of domains) {
    for (const gpu of domain.filter((one) => !seen.has(one))) {
      for (const [at, other] of gpu.slots.entries()) {
        const rest = slotsIn(domain).filter((one) => one !== other);
        if (other.kind !== slot.kind || !mayJoin(survive, rest, slot)) continue;
        seen.add(gpu);
        gpu.slots[at] = slot;
        if (deal(survive, domains, other, seen)) return true;
        gpu.slots[at] = other;
      }
    }
  }
  return false;
}

function put(gpu: OpenGpu, slot: Slot): void {
  gpu.free.splice(gpu.free.indexOf(slot.kind), 1);
  gpu.slots.push(slot);
}

/** Where fewest replicas of the slot's models are lost with it, of equal ones where most of its kind is free. */
function openGpu(survive: Survive, domains: readonly Domain[], slot: Slot): OpenGpu | undefined {
  let best: { readonly gpu: OpenGpu; readonly held: number; readonly free: number } | undefined;
  for (const domain of domains) {
    const open = domain.filter(({ free }) => free.includes(slot.kind));
    if (open.length === 0 || !mayJoin(survive, slotsIn(domain), slot)) continue;
    const held = mostHeld(slotsIn(domain), slot);
    for (const gpu of open) {
      const free = gpu.free.filter((kind) => kind === slot.kind).length;
      const isBetter = best === undefined || held < best.held || (held === best.held && free > best.free);
      if (isBetter) best = { gpu, held, free };
    }
  }
  return best?.gpu;
}

/** An empty GPU for the first of the waiting slots. */
function newGpu(possible: readonly Layout[], waiting: readonly Slot[]): OpenGpu {
  const [first] = waiting;
  const [best] = possible
    .filter((layout) => layout.includes(first!.kind))
    .map((layout) => ({ layout, count: countFitting(layout, waiting) }))
    .sort((a, b) => b.count - a.count);
  return emptyGpu(best!.layout);
}

function emptyGpu(layout: Layout): OpenGpu {
  return { free: [...layout], slots: [] };
}

/** Of those that serve something. */
function slotsByGpu(gpus: Domain): Slot[][] {
  return gpus.map(({ slots }) => slots).filter(isSome);
}

function isSome({ length }: readonly unknown[]): boolean {
  return length > 0;
}

function slotsIn(gpus: readonly OpenGpu[]): readonly Slot[] {
  return gpus.length === 1 ? gpus[0]!.slots : gpus.flatMap(({ slots }) => slots);
}

/** Whether a failure of these slots and another takes no more of any of its models than it may. */
function mayJoin(survive: Survive, held: readonly Slot[], slot: Slot): boolean {
  return (
    survive === 'nothing' ||
    slot.modelReplicas.every(
      (modelReplica) => countOn(held, modelReplica.workload) < mostTogether(survive, modelReplica),
    )
  );
}

function mostHeld(held: readonly Slot[], { modelReplicas }: Slot): number {
  return Math.max(0, ...modelReplicas.map(({ workload }) => countOn(held, workload)));
}
