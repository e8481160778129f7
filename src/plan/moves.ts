import { type Placement, type Slot, slotsOf } from './placement.js';
import type { PlanProblem } from './problem-setting.js';

/** What it takes to come from one placement to another. */
export interface Moves {
  /** Models that must be loaded on a device on which they are not now, or with other settings. */
  readonly moves: number;
  /** Loading time of the device that has most to load, in milliseconds; 0 where no profile knows any. */
  readonly loadMs: number;
}

/** Matches devices of one kind of machine by what they have in common, most in common first. */
export function movesBetween({ demands, slotKinds }: PlanProblem, from: Placement, to: Placement): Moves {
  const before = [...slotsOf(from)];
  const after = slotsOf(to);
  const pairs = after
    .flatMap((slot, i) => before.map((old, j) => ({ i, j, common: commonPieces(slot, old) })))
    .filter(
      ({ i, j, common }) =>
        common > 0 && slotKinds[after[i]!.kind]!.device === slotKinds[before[j]!.kind]!.device,
    )
    .sort((a, b) => b.common - a.common || a.i - b.i || a.j - b.j);
  const partner = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, j } of pairs) {
    if (partner.has(i) || taken.has(j)) continue;
    partner.set(i, j);
    taken.add(j);
  }
  const loads = after.map((slot, i) => {
    const old = partner.get(i);
    const fresh = slot.pieces.filter((piece) => old === undefined || !holds(before[old]!, piece));
    const loadMs = fresh.reduce(
      (sum, { demand }) => sum + (demands[demand]!.profiles[slot.kind]?.load.loadMs ?? 0),
      0,
    );
    return { moves: fresh.length, loadMs };
  });
  return {
    moves: loads.reduce((sum, { moves }) => sum + moves, 0),
    loadMs: Math.max(0, ...loads.map(({ loadMs }) => loadMs)),
  };
}

function commonPieces(slot: Slot, old: Slot): number {
  return slot.pieces.filter((piece) => holds(old, piece)).length;
}

/** Another share of the requests is no move; other settings are, as the model must be loaded anew. */
function holds({ pieces }: Slot, { demand, option }: Slot['pieces'][number]): boolean {
  return pieces.some(
    (other) =>
      other.demand === demand &&
      other.option.maxBatchSize === option.maxBatchSize &&
      other.option.queueDelayMs === option.queueDelayMs &&
      other.option.instances === option.instances,
  );
}
