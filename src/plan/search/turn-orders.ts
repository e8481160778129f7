import { mapSlots, type Placement, type Slot, slotsOf } from '../placement.js';

/** A placement, and the slots of it, by their running numbers, that are to serve a further model. */
export interface Choosing {
  readonly placement: Placement;
  readonly chosen: readonly number[];
}

/**
 * A further model on these slots with its replicas in every order: which of them is beside which other models. It is the order
 * of the slots that says it, so that what they serve changes places where the kind of slot is the same; the order of
 * the replicas that are there already stays. The first is as they stand.
 */
export function* turnOrders({ placement, chosen }: Choosing): Generator<Choosing> {
  if (chosen.length < 2) {
    yield { placement, chosen };
    return;
  }
  const slots = slotsOf(placement);
  const asTheyStand = [...chosen].sort((a, b) => a - b);
  const later = laterReplicas(slots);
  for (const order of ordersOf(slots, asTheyStand, later)) {
    if (order.every((slot, i) => slot === asTheyStand[i])) {
      yield { placement, chosen };
      continue;
    }
    const chain = order.slice(1).map((slot, i) => [order[i]!, slot] as const);
    const contents = arranged(slots, withLater(later, chain));
    if (contents === undefined) continue;
    const moved = mapSlots(placement, (_, place) => slots[contents[place]!]!);
    yield { placement: moved, chosen: order.map((slot) => contents.indexOf(slot)) };
  }
}

/** Of each slot those that have a later replica of one of its models. */
type Later = readonly ReadonlySet<number>[];

function laterReplicas(slots: readonly Slot[]): Later {
  const last = new Map<number, number>();
  const pairs = slots.flatMap(({ modelReplicas }, i) =>
    modelReplicas.flatMap(({ workload }) => {
      const before = last.get(workload);
      last.set(workload, i);
      return before === undefined ? [] : [[before, i] as const];
    }),
  );
  return withLater(
    slots.map(() => new Set()),
    pairs,
  );
}

function withLater(later: Later, pairs: readonly (readonly [number, number])[]): Later {
  return later.map(
    (after, slot) => new Set([...after, ...pairs.flatMap(([first, next]) => (first === slot ? [next] : []))]),
  );
}

/** The slots in every order that those of the replicas there allow; empty ones of a kind are alike. */
function* ordersOf(slots: readonly Slot[], left: readonly number[], later: Later): Generator<number[]> {
  if (left.length === 0) {
    yield [];
    return;
  }
  const tried = new Set<number>();
  for (const slot of left) {
    const { kind, modelReplicas } = slots[slot]!;
    const rest = left.filter((other) => other !== slot);
    if (modelReplicas.length === 0 && tried.has(kind)) continue;
    if (modelReplicas.length === 0) tried.add(kind);
    if (rest.some((other) => leadsTo(later, other, slot))) continue;
    for (const order of ordersOf(slots, rest, later)) yield [slot, ...order];
  }
}

function leadsTo(later: Later, from: number, to: number, seen = new Set<number>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return [...later[from]!].some((next) => leadsTo(later, next, to, seen));
}

/**
 * By place the slot whose models are to be there, later replicas at later places; undefined where that cannot be. `failed`: sets of
 * slots that cannot be at the first places.
 */
function arranged(
  slots: readonly Slot[],
  later: Later,
  places: readonly number[] = [],
  failed = new Set<string>(),
): readonly number[] | undefined {
  if (places.length === slots.length) return places;
  const key = [...places].sort((a, b) => a - b).join(' ');
  if (failed.has(key)) return undefined;
  const left = [...slots.keys()].filter((slot) => !places.includes(slot));
  const able = left.filter(
    (slot) =>
      slots[slot]!.kind === slots[places.length]!.kind && left.every((other) => !later[other]!.has(slot)),
  );
  const isAlike = (slot: number) => slots[slot]!.modelReplicas.length === 0 && later[slot]!.size === 0;
  const firstAlike = able.find(isAlike);
  for (const slot of able) {
    if (isAlike(slot) && slot !== firstAlike) continue;
    const whole = arranged(slots, later, [...places, slot], failed);
    if (whole !== undefined) return whole;
  }
  failed.add(key);
  return undefined;
}
