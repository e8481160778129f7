import type { Random } from '../../base/random.js';
import { memoryShare } from '../memory.js';
import type { Piece, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { type AloneTable, mayHold, pieceShare, slotShare } from './columns.js';
import { withAlso, without } from './exchange.js';
import type { SlotOracle } from './slot-oracle.js';

/** How a packing is made. */
export interface PackOptions {
  /** Most screened device time on a device; simulation may still refuse less. */
  readonly fill: number;
  /** Where given, models are taken in an order disturbed by chance. */
  readonly random?: Random;
  /** Judges what a device would serve; absent = the screen alone. */
  readonly oracle?: SlotOracle;
  /** Whether time or runs are used up. */
  readonly isOver: () => boolean;
}

/** Devices of one kind on which simulation is asked before another device is opened. */
const DEVICES_TRIED = 3;

/** More replicas than needed that are tried when a model fits nowhere whole. */
const FURTHER_REPLICAS = 3;

/**
 * Packs models on devices of one kind: the largest share of time or of memory first, each where it leaves the least room
 * (best fit decreasing). A model that fits on no open device is tried in more, smaller replicas before
 * a device is opened.
 */
export function packShared(
  problem: PlanProblem,
  demands: readonly number[],
  kind: number,
  alone: AloneTable,
  options: PackOptions,
): readonly Slot[] {
  const slots: Slot[] = [];
  for (const demand of orderBySize(problem, demands, kind, alone, options.random)) {
    const { replicas, option } = alone[demand]![kind]!;
    if (placeInOpen(problem, slots, { demand, replicas, option }, options)) continue;
    if (splitIntoOpen(problem, slots, { demand, replicas, option }, options)) continue;
    placeAnywhere(problem, slots, kind, { demand, replicas, option }, options);
  }
  return slots;
}

/**
 * Lets simulation judge every device of a packing: where promises are broken, models are taken off
 * until they are kept, and put on the devices with most room, on a new one if need be. A model that
 * breaks its promise alone gets another replica. Once time is up, devices known to fail are divided in two, of
 * which nothing is known yet.
 */
export function repairPacking(
  problem: PlanProblem,
  packed: readonly Slot[],
  options: PackOptions & { readonly oracle: SlotOracle },
): readonly Slot[] {
  const { oracle, isOver } = options;
  const slots: Slot[] = [];
  const homeless: { readonly kind: number; readonly piece: Piece }[] = [];
  const fails = (slot: Slot) => oracle.isForbidden(slot) || (!isOver() && !oracle.seemsToKeep(slot));
  for (const slot of packed) {
    let rest = slot;
    while (rest.pieces.length > 1 && fails(rest)) {
      if (isOver()) {
        const [first, second] = inHalves(problem, rest);
        slots.push(second);
        rest = first;
        break;
      }
      const piece = pieceToRemove(problem, rest, oracle);
      homeless.push({ kind: rest.kind, piece });
      rest = without(rest, piece);
    }
    slots.push(rest);
  }
  const size = ({ kind, piece }: (typeof homeless)[number]) => pieceShare(problem, kind, piece);
  for (const { kind, piece } of homeless.sort((a, b) => size(b) - size(a))) {
    const [first] = openSlotsFor(problem, slots, piece, options, { most: 1, first: 'emptiest' });
    if (first === undefined) slots.push({ kind, pieces: [piece] });
    else slots[first] = withAlso(slots[first]!, piece);
  }
  const lone = slots.filter((slot) => slot.pieces.length === 1 && fails(slot));
  return lone.reduce((all, slot) => withAnotherReplica(problem, all, slot), slots);
}

/** Two devices with half of the models each, and about half of what they take. */
export function inHalves(problem: PlanProblem, slot: Slot): readonly [Slot, Slot] {
  const share = (piece: Piece) => pieceShare(problem, slot.kind, piece);
  const pieces = [...slot.pieces].sort((a, b) => share(b) - share(a));
  // As teams are chosen: one, two, two, two.
  const isFirst = (_: Piece, i: number) => i % 4 === 0 || i % 4 === 3;
  const half = (isOwn: (piece: Piece, i: number) => boolean): Slot => ({
    ...slot,
    pieces: pieces.filter(isOwn),
  });
  return [half(isFirst), half((piece, i) => !isFirst(piece, i))];
}

/** One replica more of a slot's only model, on a device of its own; nothing where there may be no more. */
function withAnotherReplica(problem: PlanProblem, slots: Slot[], { kind, pieces }: Slot): Slot[] {
  const [piece] = pieces;
  const now = slots.flatMap((slot) => slot.pieces).filter(({ demand }) => demand === piece!.demand).length;
  // Several replicas may fail; each would ask for another one.
  if (now >= problem.spec.mostReplicas || now > piece!.replicas) return slots;
  const changed = { ...piece!, replicas: now + 1 };
  const others = slots.map((slot) => ({
    ...slot,
    pieces: slot.pieces.map((other) =>
      other.demand === changed.demand ? { ...other, replicas: changed.replicas } : other,
    ),
  }));
  return [...others, { kind, pieces: [changed] }];
}

/**
 * The smallest model without which the others keep their promises; where there is none, the one with
 * the tightest limit, which suffers most from company.
 */
function pieceToRemove(problem: PlanProblem, slot: Slot, oracle: SlotOracle): Piece {
  const ascending = [...slot.pieces].sort(
    (a, b) => pieceShare(problem, slot.kind, a) - pieceShare(problem, slot.kind, b),
  );
  const enough = ascending.find((piece) => oracle.seemsToKeep(without(slot, piece)));
  if (enough !== undefined) return enough;
  const limitMs = ({ demand }: Piece) => problem.demands[demand]!.limitMs;
  return ascending.reduce((a, b) => (limitMs(b) < limitMs(a) ? b : a));
}

function orderBySize(
  problem: PlanProblem,
  demands: readonly number[],
  kind: number,
  alone: AloneTable,
  random: Random | undefined,
): number[] {
  const size = (demand: number) => {
    const { replicas, option } = alone[demand]![kind]!;
    const piece = { demand, replicas, option };
    const share = Math.max(pieceShare(problem, kind, piece), memoryShare(problem, { kind, pieces: [piece] }));
    return random === undefined ? share : share * (0.6 + 0.8 * random.next());
  };
  return demands
    .map((demand) => ({ demand, size: size(demand) }))
    .sort((a, b) => b.size - a.size || a.demand - b.demand)
    .map(({ demand }) => demand);
}

/** All replicas on open devices, or none. */
function placeInOpen(problem: PlanProblem, slots: Slot[], piece: Piece, options: PackOptions): boolean {
  const chosen = openSlotsFor(problem, slots, piece, options);
  if (chosen.length < piece.replicas) return false;
  for (const i of chosen) slots[i] = withAlso(slots[i]!, piece);
  return true;
}

function splitIntoOpen(problem: PlanProblem, slots: Slot[], piece: Piece, options: PackOptions): boolean {
  const most = Math.min(problem.spec.mostReplicas, piece.replicas + FURTHER_REPLICAS, slots.length);
  for (let replicas = piece.replicas + 1; replicas <= most; replicas++) {
    if (placeInOpen(problem, slots, { ...piece, replicas }, options)) return true;
  }
  return false;
}

/** On open devices as far as they take it, the rest on new ones. */
function placeAnywhere(
  problem: PlanProblem,
  slots: Slot[],
  kind: number,
  piece: Piece,
  options: PackOptions,
): void {
  const chosen = openSlotsFor(problem, slots, piece, options);
  for (const i of chosen) slots[i] = withAlso(slots[i]!, piece);
  for (let i = chosen.length; i < piece.replicas; i++) slots.push({ kind, pieces: [piece] });
}

/** Which devices are asked. */
interface Asked {
  /** Devices wanted. Default: as many as the piece has replicas. */
  readonly most?: number;
  /** Default: the fullest. */
  readonly first?: 'fullest' | 'emptiest';
}

/** Devices that take a replica. */
function openSlotsFor(
  problem: PlanProblem,
  slots: readonly Slot[],
  piece: Piece,
  { fill, oracle, isOver }: PackOptions,
  { most = piece.replicas, first = 'fullest' }: Asked = {},
): number[] {
  const chosen: number[] = [];
  let refused = 0;
  const fullest = bestFitFirst(problem, slots, piece);
  for (const i of first === 'fullest' ? fullest : fullest.reverse()) {
    if (chosen.length === most) break;
    const slot = slots[i]!;
    if (slot.pieces.length >= problem.slotKinds[slot.kind]!.mostModels) continue;
    if (slot.pieces.some(({ demand }) => demand === piece.demand)) continue;
    const more = withAlso(slot, piece);
    if (!mayHold(problem, more, fill)) continue;
    if (oracle !== undefined) {
      if (refused >= DEVICES_TRIED || isOver()) break;
      if (!oracle.seemsToKeep(more)) {
        refused++;
        continue;
      }
    }
    chosen.push(i);
  }
  return chosen;
}

/**
 * The fullest first; the cycle of a device is that of its tightest limit, so that what a piece of
 * another limit costs beyond its own share counts against it.
 */
function bestFitFirst(problem: PlanProblem, slots: readonly Slot[], piece: Piece): number[] {
  return slots
    .map((slot, i) => {
      const before = slotShare(problem, slot);
      const own = pieceShare(problem, slot.kind, piece);
      const waste = slotShare(problem, withAlso(slot, piece)) - before - own;
      return { i, score: before - WASTE_WEIGHT * waste };
    })
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .map(({ i }) => i);
}

const WASTE_WEIGHT = 4;

function fullestFirst(problem: PlanProblem, slots: readonly Slot[]): number[] {
  return slots
    .map((slot, i) => ({ i, share: slotShare(problem, slot) }))
    .sort((a, b) => b.share - a.share || a.i - b.i)
    .map(({ i }) => i);
}

/**
 * Empties devices, least used first, whose models all fit on others; simulation decides, so that also
 * what the screen thinks full may take more.
 */
export function emptyDevices(
  problem: PlanProblem,
  slots: readonly Slot[],
  options: PackOptions,
): readonly Slot[] {
  let best = [...slots];
  const order = [...fullestFirst(problem, slots)].reverse().map((i) => slots[i]!);
  for (const slot of order) {
    if (options.isOver()) break;
    const others = best.filter((other) => other !== slot);
    if (others.length === best.length) continue;
    const moved = [...others];
    const fits = slot.pieces.every((piece) => {
      const [first] = openSlotsFor(problem, moved, piece, options, { most: 1 });
      if (first === undefined) return false;
      moved[first] = withAlso(moved[first]!, piece);
      return true;
    });
    if (fits) best = moved;
  }
  return best;
}
