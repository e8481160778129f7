import { inParts } from '../../base/in-parts.js';
import { isInfeasible } from '../bound/infeasible-slot.js';
import { type Placement, type Slot, slotKey, slotsOf } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { mayHold, slotShare } from './columns.js';
import type { JobDispatcher } from './job-dispatcher.js';
import { hasEachOnce, moved, onKinds, swapped } from './packing/exchange.js';
import type { Search } from './search-setting.js';

export interface ImproveInput {
  readonly start: readonly Slot[];
  /** Takes a slot that meets its SLOs. */
  readonly add: (slot: Slot) => void;
  /** The best placement made of all slots that were taken. */
  readonly best: () => Placement | undefined;
  /** Whether nothing can be better. */
  readonly isClosed: (placement: Placement) => boolean;
}

/** Part of what is left of the budget that is used for it. */
const SHARE = 0.8;
/** Slots whose neighbours are looked at, those with most slack. */
const MOST_SLOTS = 24;
/** Slots that are simulated before the best placement is asked for anew. */
const MOST_OF_ROUND = 256;
const AT_ONCE = 16;
const SLOTS_OF_JOB = 8;
/** Screened share of device time up to which simulation is asked; it may bear out more than the screen. */
const MOST_FILL = 1.2;

/**
 * Local search: slots near those of the best placement (on another kind of device, two together, with a model moved or
 * swapped) are simulated, and the best placement made of all that hold is where the next round begins, until
 * there is nothing new or no time.
 */
export function* improve(dispatcher: JobDispatcher, input: ImproveInput): Search<void> {
  const isOver = dispatcher.phase(SHARE);
  const asked = new Set<string>();
  let from = input.start;
  while (!isOver()) {
    const near = nearSlots(dispatcher.problem, from, asked).slice(0, MOST_OF_ROUND);
    if (near.length === 0) return;
    for (let at = 0; at < near.length && !isOver(); at += AT_ONCE) {
      const some = near.slice(at, at + AT_ONCE);
      for (const slot of some) asked.add(slotKey(slot));
      const jobs = inParts(some, SLOTS_OF_JOB).map((slots) => ({ type: 'hold', slots }) as const);
      const held = yield* dispatcher.ask('hold', jobs);
      for (const slot of held.flat()) input.add(slot);
    }
    const best = isOver() ? undefined : input.best();
    if (best === undefined || input.isClosed(best)) return;
    from = slotsOf(best);
  }
}

/** Slots near those given that may hold and were not asked for yet, those that save most machines first. */
function nearSlots(
  problem: PlanProblem,
  slots: readonly Slot[],
  asked: ReadonlySet<string>,
): readonly Slot[] {
  const distinct = [...new Map(slots.map((slot) => [slotKey(slot), slot])).values()]
    .sort((a, b) => slotShare(problem, a) - slotShare(problem, b))
    .slice(0, MOST_SLOTS);
  const pairs = distinct.flatMap((a, i) => distinct.slice(i + 1).map((b) => [a, b] as const));
  const contents: readonly Slot[] = [
    ...pairs.map(([a, b]) => ({ kind: a.kind, modelReplicas: [...a.modelReplicas, ...b.modelReplicas] })),
    ...distinct,
    ...pairs
      .flatMap(([a, b]) => [...moved(a, b), ...moved(b, a)])
      .flatMap(({ left, right }) => [right, left]),
    ...pairs.flatMap(([a, b]) => swapped(a, b)).flatMap(({ left, right }) => [left, right]),
  ];
  const known = new Set([...asked, ...distinct.map(slotKey)]);
  return contents.flatMap((content) =>
    onEveryKind(problem, content).filter((slot) => {
      const isNew = !known.has(slotKey(slot));
      known.add(slotKey(slot));
      return isNew && mayHold(problem, slot, MOST_FILL) && !isInfeasible(problem, slot);
    }),
  );
}

/** Several models on each kind of device that may serve them, its own first; one alone is looked at elsewhere. */
function onEveryKind(problem: PlanProblem, slot: Slot): Slot[] {
  if (slot.modelReplicas.length < 2 || !hasEachOnce(slot)) return [];
  const others = [...problem.slotKinds.keys()].filter((other) => other !== slot.kind);
  return onKinds(problem, slot, [slot.kind, ...others]);
}
