import type { Slot } from '../../placement.js';
import type { AloneTable } from '../columns.js';
import type { JobDispatcher } from '../job-dispatcher.js';
import { type JobOf, type PackGroup, servableOn } from '../jobs.js';
import type { Search } from '../search-setting.js';
import { type Grouping, groupingsOf } from './groupings.js';

export interface PackingInput {
  readonly alone: AloneTable;
  /** As models are served beside others. */
  readonly largeBatches: AloneTable;
  /** By workload: the slot kind that the screen's bound names. */
  readonly screenKinds: readonly number[];
  /** Takes a packing and gives its goal. */
  readonly add: (slots: readonly Slot[]) => number;
}

/** Packings that are asked for at once: the search may stop after any of them. */
const AT_ONCE = 4;
const MOST_PACKINGS = 40;
/** Part of the budget for packings in orders disturbed by chance; moving single models gains more in the rest. */
const SHARE = 0.5;

/**
 * Packings: on each kind of device alone, and on the mix that the bound names, at the fills that
 * simulation bears out; then at the better of them in orders disturbed by chance.
 */
export function* makePackings(dispatcher: JobDispatcher, input: PackingInput): Search<void> {
  const { problem } = dispatcher;
  const { alone, largeBatches } = input;
  const isOver = dispatcher.phase(SHARE);
  const kinds = problem.slotKinds.flatMap(({ mostModels }, kind) =>
    mostModels > 1 && servableOn(problem, alone, kind).length > 0 ? [kind] : [],
  );
  const fills = yield* dispatcher.ask(
    'fill',
    kinds.map((kind) => ({ type: 'fill', kind, alone: largeBatches })),
  );
  const groupings = groupingsOf(problem, alone, { kinds, screenKinds: input.screenKinds });
  // One that is not shared is as full as its model makes it.
  const fillsOf = (kind: number) => fills[kinds.indexOf(kind)] ?? [1];
  const first = groupings.flatMap((grouping) => filled(grouping, fillsOf));
  const goals = yield* pack(
    dispatcher,
    input,
    first.map((groups, i) => ({ groups, round: 0, mustEnd: i === 0 })),
  );
  const groups = first[goals.indexOf(Math.min(...goals))];
  if (groups === undefined) return;
  for (let round = 1; round <= MOST_PACKINGS && !isOver(); round += AT_ONCE) {
    yield* pack(
      dispatcher,
      input,
      Array.from({ length: AT_ONCE }, (_, i) => ({ groups, round: round + i })),
    );
  }
}

/** The grouping once for each fill; a kind with fewer fills repeats its best. */
function filled(grouping: Grouping, fillsOf: (kind: number) => readonly number[]): PackGroup[][] {
  const most = Math.max(...grouping.map(({ kind }) => fillsOf(kind).length));
  return Array.from({ length: most }, (_, i) =>
    grouping.map((group) => ({ ...group, fill: fillsOf(group.kind)[i] ?? fillsOf(group.kind)[0]! })),
  );
}

/** Goal of each packing; Infinity where it was not finished. */
function* pack(
  dispatcher: JobDispatcher,
  { largeBatches, add }: PackingInput,
  packings: readonly Omit<JobOf<'packing'>, 'type' | 'alone'>[],
): Search<number[]> {
  const jobs = packings.map((packing) => ({ type: 'packing', alone: largeBatches, ...packing }) as const);
  const answers = yield* dispatcher.ask('packing', jobs);
  return answers.map((slots) => (slots === undefined ? Infinity : add(slots)));
}
