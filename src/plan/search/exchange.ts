import type { Piece, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';

/** What two slots become when they exchange models. */
export interface Exchanged {
  readonly left: Slot;
  readonly right: Slot;
}

/** One model goes from the first to the second. */
export function moved(from: Slot, to: Slot): Exchanged[] {
  return from.pieces.map((piece) => ({ left: without(from, piece), right: withAlso(to, piece) }));
}

/** One model of each takes the other's place. */
export function swapped(a: Slot, b: Slot): Exchanged[] {
  return a.pieces.flatMap((own) =>
    b.pieces.map((other) => ({
      left: withAlso(without(a, own), other),
      right: withAlso(without(b, other), own),
    })),
  );
}

export function withAlso(slot: Slot, piece: Piece): Slot {
  return { ...slot, pieces: [...slot.pieces, piece] };
}

export function without(slot: Slot, piece: Piece): Slot {
  return { ...slot, pieces: slot.pieces.filter((other) => other !== piece) };
}

/** Whether no model is there twice. */
export function hasEachOnce({ pieces }: Slot): boolean {
  return new Set(pieces.map(({ demand }) => demand)).size === pieces.length;
}

/** Whether a kind of slot takes so many models, of which each has a profile for it. */
export function takesAll(
  { slotKinds, demands }: PlanProblem,
  kind: number,
  pieces: readonly Piece[],
): boolean {
  return (
    pieces.length <= slotKinds[kind]!.mostModels &&
    pieces.every(({ demand }) => demands[demand]!.profiles[kind] !== undefined)
  );
}
