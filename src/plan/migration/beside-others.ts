import type { Piece, Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { hasEachOnce } from '../search/exchange.js';
import { placesFor, withSlotAt } from '../search/neighbours.js';

/** Placements with a piece on a device that serves other models and may take it, the emptiest first. */
export function besideOthers(problem: PlanProblem, placement: Placement, piece: Piece): Placement[] {
  return placesFor(problem, placement, piece)
    .map(({ place, slot }) => ({ place, slot: { ...slot, pieces: [...slot.pieces.slice(0, -1), piece] } }))
    .filter(({ slot }) => hasEachOnce(slot))
    .map(({ place, slot }) => withSlotAt(placement, place, slot));
}

/** Each model of each slot by itself. */
export function loneSlots(slots: readonly Slot[]): Slot[] {
  return slots.flatMap(({ kind, pieces }) => pieces.map((piece) => ({ kind, pieces: [piece] })));
}
