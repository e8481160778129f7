import { isInfeasible } from '../../bound/infeasible-slot.js';
import { type ServingOption, type Slot, slotKey } from '../../placement.js';
import type { PlanProblem } from '../../problem-setting.js';
import { type AloneTable, slotShare } from '../columns.js';
import type { JobDispatcher } from '../job-dispatcher.js';
import type { Search } from '../search-setting.js';

export interface GroupInput {
  readonly alone: AloneTable;
  /** As models are served beside others. */
  readonly largeBatches: AloneTable;
  /** Takes a slot that meets its SLOs. */
  readonly add: (slot: Slot) => void;
  /** Whether nothing can be better than what the slots taken make. */
  readonly isClosed: () => boolean;
}

/** Groups of models that one job simulates, and jobs that are asked for at once. */
const GROUPS_OF_JOB = 8;
const JOBS_AT_ONCE = 2;
/** Part of what is left of the budget that each pass may take. */
const SHARE = 0.5;

/** Settings under which a group is simulated at most. */
const MOST_WAYS = 6;

/** A replica of a model beside which others may be put. */
interface Member {
  readonly workload: number;
  readonly replicas: number;
  /** One replica more than it needs anywhere: its load is divided to fill devices evenly. */
  readonly isDivided: boolean;
}

/** Models on one device, their workloads ascending. */
interface Group {
  readonly kind: number;
  readonly members: readonly Member[];
}

/**
 * Which groups of models a device of each kind can serve, level by level: a group is simulated only where every
 * group of one model less was found to do (as in the Apriori algorithm), so that with few models every group is known
 * that does. A program over them mixes kinds of devices as packings, which fill one kind after the other, do not.
 * Afterwards one model of each group may be divided further.
 */
export function* makeGroups(
  problem: PlanProblem,
  dispatcher: JobDispatcher,
  input: GroupInput,
): Search<void> {
  const kinds = problem.slotKinds.flatMap(({ mostModels }, kind) => (mostModels > 1 ? [kind] : []));
  const singles = kinds.flatMap((kind) => singlesOn(problem, input.alone, kind));
  const held = new Set<string>();
  const undivided = singles.filter(({ members: [only] }) => !only!.isDivided);
  yield* growGroups(problem, dispatcher, undivided, { ...input, held });
  if (!input.isClosed()) yield* growGroups(problem, dispatcher, singles, { ...input, held });
}

function* growGroups(
  problem: PlanProblem,
  dispatcher: JobDispatcher,
  singles: readonly Group[],
  { held, ...input }: GroupInput & { readonly held: Set<string> },
): Search<void> {
  const isOver = dispatcher.phase(SHARE);
  let level = singles;
  for (const single of singles) held.add(groupKey(single));
  while (level.length > 0) {
    const larger = level.flatMap((group) => grown(problem, group, singles, held));
    const known = larger.filter((group) => held.has(groupKey(group)));
    const unknown = larger.filter((group) => !held.has(groupKey(group)));
    const next = [...known];
    for (let at = 0; at < unknown.length && !isOver(); at += GROUPS_OF_JOB * JOBS_AT_ONCE) {
      const asked = unknown.slice(at, at + GROUPS_OF_JOB * JOBS_AT_ONCE);
      const found = yield* firstHolding(
        dispatcher,
        asked.map((group) => waysOf(problem, group, input)),
        { quick: false },
      );
      for (const [i, slot] of found.entries()) {
        if (slot === undefined) continue;
        held.add(groupKey(asked[i]!));
        next.push(asked[i]!);
        input.add(slot);
      }
    }
    level = next;
  }
}

/** Of each list of slots the first that meets its SLOs, as simulated in its whole run or in a first part of it. */
export function* firstHolding(
  dispatcher: JobDispatcher,
  choices: readonly (readonly Slot[])[],
  { quick }: { readonly quick: boolean },
): Search<(Slot | undefined)[]> {
  const parts = Array.from({ length: Math.ceil(choices.length / GROUPS_OF_JOB) }, (_, i) =>
    choices.slice(i * GROUPS_OF_JOB, (i + 1) * GROUPS_OF_JOB),
  );
  const answers = yield* dispatcher.ask(
    'hold',
    parts.map((part) => ({ type: 'hold', choices: part, quick })),
  );
  return answers.flat();
}

/** Each model alone, in every number of replicas with which it does alone on some kind of device, and in one more. */
function singlesOn({ workloads, spec }: PlanProblem, alone: AloneTable, kind: number): Group[] {
  return workloads.flatMap((_, workload) => {
    const least = alone[workload]![kind]?.replicas ?? Infinity;
    const counts = [...new Set(alone[workload]!.flatMap((serving) => serving?.replicas ?? []))];
    const further = Math.max(...counts) + 1;
    return [...counts, further]
      .filter((replicas) => replicas >= least && replicas <= spec.mostReplicas)
      .map((replicas) => ({ kind, members: [{ workload, replicas, isDivided: replicas === further }] }));
  });
}

/** The group with one model more, all parts of which are known to do. */
function grown(
  { slotKinds }: PlanProblem,
  { kind, members }: Group,
  singles: readonly Group[],
  held: ReadonlySet<string>,
): Group[] {
  if (members.length >= slotKinds[kind]!.mostModels) return [];
  const last = members.at(-1)!.workload;
  const isDivided = members.some((member) => member.isDivided);
  return singles
    .filter((single) => single.kind === kind && single.members[0]!.workload > last)
    .filter((single) => !isDivided || !single.members[0]!.isDivided)
    .map((single) => ({ kind, members: [...members, single.members[0]!] }))
    .filter((group) => partsOf(group).every((part) => held.has(groupKey(part))));
}

function partsOf({ kind, members }: Group): Group[] {
  return members.map((left) => ({ kind, members: members.filter((member) => member !== left) }));
}

function groupKey({ kind, members }: Group): string {
  return `${kind}|${members.map(({ workload, replicas }) => `${workload}/${replicas}`).join(' ')}`;
}

/**
 * The group with batches that wait for company, with those that do best alone, and with the same setting for all, by
 * the screened share of the device.
 */
function waysOf(problem: PlanProblem, { kind, members }: Group, { alone, largeBatches }: GroupInput): Slot[] {
  const under = (optionOf: (workload: number) => ServingOption): Slot => ({
    kind,
    modelReplicas: members.map(({ workload, replicas }) => ({
      workload,
      replicas,
      option: optionOf(workload),
    })),
  });
  const own = [largeBatches, alone].map((table) => under((workload) => table[workload]![kind]!.option));
  const even = problem.options
    .map((option) => under(() => option))
    .map((slot) => ({ slot, share: slotShare(problem, slot) }))
    .sort((a, b) => a.share - b.share);
  const distinct = new Map([...own, ...even.map(({ slot }) => slot)].map((slot) => [slotKey(slot), slot]));
  return [...distinct.values()].filter((slot) => !isInfeasible(problem, slot)).slice(0, MOST_WAYS);
}
